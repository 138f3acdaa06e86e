// The operator's present choice of a model: what the name "active" means (kActiveRole), until it is changed or cleared. No edit of the
// registry, which says what holds for good; kept in a file of its own, so that it outlives the daemon.
//
// Owned by the composition root, used on the loop thread; the file is written on the pool. It never loads a model. A file that is damaged
// means that nothing is chosen; the log says so.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "registry/name_match.hpp"
#include "registry/store.hpp"

namespace registry {

struct Choice {
  std::string model;  // an id
  std::chrono::sys_seconds time;

  bool operator==(const Choice&) const = default;
};

// As it is written. Nothing: nothing is chosen. Pure.
std::string choice_text(const std::optional<Choice>& choice);
// ErrorKind::bad_request for a text that is no such thing. Pure.
common::Result<std::optional<Choice>> read_choice(std::string_view text);

// Where the choice of those who are served from `registry` is kept, under the state folder; empty when there is none.
std::filesystem::path choice_file(const std::filesystem::path& state, const std::filesystem::path& registry);

class ActiveChoice {
 public:
  // Takes up what is kept in `file`, which blocks. An empty one: nothing is kept. Both others outlive it.
  ActiveChoice(Store& store, std::filesystem::path file, boost::asio::thread_pool& pool);

  const std::optional<Choice>& current() const { return current_; }
  bool is_kept() const { return !file_.empty(); }

  struct Changed {
    std::optional<NameMatch> now;  // nothing: nothing is chosen
    std::optional<std::string> before;
  };
  // By part of a name (name_match.hpp). In force once it is kept. Errors of match_name(), or ErrorKind::io when it cannot be written, which
  // leaves everything as it was.
  boost::asio::awaitable<common::Result<Changed>> choose(std::string said);
  boost::asio::awaitable<common::Result<Changed>> clear();

 private:
  boost::asio::awaitable<common::Result<Changed>> change(std::optional<NameMatch> now);
  void take_up();

  Store& store_;
  std::filesystem::path file_;
  boost::asio::strand<boost::asio::thread_pool::executor_type> writer_;  // in the order in which they were said
  std::optional<Choice> current_;
};

}  // namespace registry
