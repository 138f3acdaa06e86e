// A `perch serve` of the bench's own: a folder and a port that nobody else uses, gone when the bench is, whatever ends it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <string>

#include "bench/folder.hpp"
#include "common/child_process.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace bench {

struct DaemonOptions {
  std::filesystem::path perch;
  std::filesystem::path registry;
  std::filesystem::path worker;   // empty: the daemon's own choice
  std::filesystem::path journal;  // empty: none
};

class Daemon {
 public:
  static boost::asio::awaitable<common::Result<Daemon>> start(boost::asio::any_io_executor executor, DaemonOptions options);
  Daemon(Daemon&&) noexcept = default;
  Daemon& operator=(Daemon&&) noexcept = default;
  ~Daemon();  // one that still runs is killed

  const std::string& port() const { return port_; }
  // The answer of a GET.
  boost::asio::awaitable<common::Result<common::Json>> get(std::string path) const;
  // SIGTERM, and SIGKILL when that takes too long.
  boost::asio::awaitable<void> stop();

 private:
  Daemon(Folder folder, common::ChildProcess child) : folder_(std::move(folder)), child_(std::move(child)) {}

  Folder folder_;  // before the child, so that it is removed after the child has gone
  common::ChildProcess child_;
  std::string port_;
};

}  // namespace bench
