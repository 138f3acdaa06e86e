// The seam between supervision and the operating system: something that starts workers, and a started worker.
//
// ProcessLauncher starts real ones: perch-worker, or a server of somebody else's that a command line starts (command_worker.hpp), which
// looks like a worker from here. tests/support/fake_launcher.hpp has workers that live in memory.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/child_process.hpp"
#include "common/clock.hpp"
#include "common/command_line.hpp"
#include "common/server_address.hpp"
#include "common/worker_protocol.hpp"
#include "proxy/supervisor/spare_plan.hpp"

namespace proxy::supervisor {

// What is carried to a worker at the moment.
struct Serving {
  std::size_t requests = 0;
  // Since when no piece of any answer has come although somebody waits for one. Nothing: nobody does (clients have pieces in hand), or it
  // is not looked at.
  std::optional<common::TimePoint> silent_since;
};

class LaunchedWorker {
 public:
  virtual ~LaunchedWorker() = default;
  virtual pid_t pid() const = 0;
  // Where its HTTP surface listens.
  virtual const common::ServerAddress& data_address() const = 0;
  // The next control message; ErrorKind::io once the channel is closed or says something that is not the protocol.
  virtual boost::asio::awaitable<common::Result<common::FromWorker>> receive() = 0;
  virtual void send(common::ToWorker message) = 0;
  // One of our own knows that itself.
  virtual void serves(const Serving&) {}
  // It was started before anybody knew for which model: for this one.
  virtual void assign(const std::string& model) = 0;
  // It has not ended, and nobody has stopped it (SIGSTOP).
  virtual bool runs() const = 0;
  // To the whole process group, unless it was reaped; SIGKILL to the whole cgroup, too.
  virtual void signal(int signal) = 0;
  virtual boost::asio::awaitable<common::ExitStatus> wait_exit() = 0;
  // Whether any process of this worker is left: itself until it is reaped, its group and its cgroup, and descendants that left the group.
  virtual bool survivors() const = 0;
  // SIGKILL to all of them. Without a cgroup one that forks at that moment may escape: ask survivors() again.
  virtual void kill_survivors() = 0;
  // Memory that comes back when it ends, its descendants included: what is neither a file nor shared with others. 0 when it cannot be read.
  virtual std::uint64_t own_bytes() const = 0;
  // Asks for one small real answer over the data socket. No deadline of its own; cancelling it closes the connection.
  virtual boost::asio::awaitable<common::Result<void>> probe() = 0;
  // What it last wrote to its error output, oldest first.
  virtual std::vector<std::string> last_lines() const = 0;
};

// What became of workers that were started ahead, and the one that is there now.
struct SpareReport {
  struct Worker {
    pid_t pid = 0;
    bool said_hello = false;
    common::Duration age{};
    std::uint64_t own_bytes = 0;
  };
  std::uint64_t started = 0;
  std::uint64_t taken = 0;  // a model was loaded into it
  std::uint64_t lost = 0;   // ended by itself, or did not come up
  std::optional<Worker> worker;
};

// A server that a command line starts, and what it is given.
struct CommandServer {
  common::CommandLine line;
  std::filesystem::path artifact;            // ${MODEL}; empty: there is none
  std::vector<std::filesystem::path> files;  // that the artifact is made of, for its digest
  std::uint64_t expected_bytes = 0;          // that it will hold, about; 0: not known
  common::Purpose purpose = common::Purpose::generation;
};

class Launcher {
 public:
  virtual ~Launcher() = default;
  // `model` may be empty: it is not known yet, and assign() will tell.
  virtual common::Result<std::unique_ptr<LaunchedWorker>> launch(const std::string& model) = 0;
  // Whether the program of such a server can be read: launch_command() blocks for as long as its disk takes. ErrorKind::io, timeout.
  virtual boost::asio::awaitable<common::Result<void>> reach(CommandServer) { co_return common::Result<void>(); }
  // Starts such a server instead of a worker of our own.
  virtual common::Result<std::unique_ptr<LaunchedWorker>> launch_command(const std::string& model, const CommandServer& server) = 0;
  // What a new worker could have without others being pushed out. 0 when it cannot be told.
  virtual std::uint64_t available_bytes() const = 0;
  // Whether the next launch should find a worker started already. A launcher that keeps none ignores it.
  virtual void keep_spare(SpareWish) {}
  virtual SpareReport spare_report() const { return {}; }
};

}  // namespace proxy::supervisor
