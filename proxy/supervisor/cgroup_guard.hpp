// Ends what is in the workers' cgroup as soon as the daemon is gone, however it went.
//
// Workers themselves die with the daemon (parent-death signal, end-of-file), what they started does not, and a daemon that was killed does
// nothing any more. So a process of its own waits for the end of a pipe whose other end only the daemon holds. It is a shell with one
// line of script, in a process group of its own and deaf to the signals that are meant for the daemon. Owned by ProcessLauncher.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <filesystem>

#include "common/child_process.hpp"

namespace proxy::supervisor {

class CgroupGuard {
 public:
  static common::Result<CgroupGuard> start(boost::asio::any_io_executor executor, const std::filesystem::path& cgroup);

  pid_t pid() const { return process_.pid(); }
  // Returns when somebody has ended it although we are still here.
  boost::asio::awaitable<common::ExitStatus> wait() { return process_.wait(); }

 private:
  CgroupGuard(common::Descriptor lifeline, common::ChildProcess process) : lifeline_(std::move(lifeline)), process_(std::move(process)) {}

  common::Descriptor lifeline_;
  common::ChildProcess process_;
};

}  // namespace proxy::supervisor
