// Saved conversations as an operator sees them: how long and how large they are, of which model, whose, and when they were used last; never
// what was said in them. They lie in files that workers write and read (common/session_folder.hpp).
//
// Owned by the composition root. Looks at files on the pool.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/json.hpp"
#include "common/session_folder.hpp"
#include "proxy/admin/session_heads.hpp"

namespace proxy::admin {

class Sessions {
 public:
  // An empty folder: nothing is kept.
  Sessions(std::filesystem::path folder, boost::asio::thread_pool& pool)
      : folder_(std::move(folder)), pool_(pool), reader_(pool.get_executor()) {}

  const std::filesystem::path& folder() const { return folder_.path(); }
  // {"sessions": [...], "bytes"}, most recently used first.
  boost::asio::awaitable<common::Json> list();
  // Of one model, or all. {"dropped", "bytes"}. A worker that had meant to use one finds it gone.
  boost::asio::awaitable<common::Json> drop(std::optional<std::string> model);
  // So much may be kept from now on; the least recently used ones beyond it are dropped, sooner or later.
  void allow(std::uint64_t bytes);

 private:
  common::SessionFolder folder_;
  boost::asio::thread_pool& pool_;
  boost::asio::strand<boost::asio::thread_pool::executor_type> reader_;  // of the heads
  std::shared_ptr<SessionHeads> heads_ = std::make_shared<SessionHeads>();
};

}  // namespace proxy::admin
