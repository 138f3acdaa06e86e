// The seam between supervision and the operating system: something that starts workers, and a started worker.
//
// ProcessLauncher starts real ones; tests/support/fake_launcher.hpp has workers that live in memory.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "common/child_process.hpp"
#include "common/worker_protocol.hpp"

namespace proxy::supervisor {

class LaunchedWorker {
 public:
  virtual ~LaunchedWorker() = default;
  virtual pid_t pid() const = 0;
  // Where its HTTP surface listens.
  virtual const std::string& data_socket() const = 0;
  // The next control message; ErrorKind::io once the channel is closed or says something that is not the protocol.
  virtual boost::asio::awaitable<common::Result<common::FromWorker>> receive() = 0;
  virtual void send(common::ToWorker message) = 0;
  // To the whole process group.
  virtual void signal(int signal) = 0;
  virtual boost::asio::awaitable<common::ExitStatus> wait_exit() = 0;
  virtual bool group_alive() const = 0;
  // What it last wrote to its error output, oldest first.
  virtual std::vector<std::string> last_lines() const = 0;
};

class Launcher {
 public:
  virtual ~Launcher() = default;
  virtual common::Result<std::unique_ptr<LaunchedWorker>> launch(const std::string& model) = 0;
};

}  // namespace proxy::supervisor
