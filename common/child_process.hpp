// A child process of ours: how it is made, watched and signalled. Nothing else in the tree knows.
//
// The child leads a process group of its own, starts with an empty signal mask, only the descriptors it was given, and dies with the thread
// that spawned it (prctl(2) PR_SET_PDEATHSIG follows the *thread*), so spawn() is called on the loop thread, which never exits.
// It is watched and signalled through a pidfd (pidfd_open(2)): a process id may be reused, a pidfd may not.
#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "common/result.hpp"

namespace common {

// An open descriptor with one owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { reset(); }

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  void reset();
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct ExitStatus {
  int code = 0;    // when signal is 0
  int signal = 0;  // the signal that ended it
  bool clean() const { return code == 0 && signal == 0; }
};

// "exit code 65", "signal 9 (Killed)".
std::string describe(const ExitStatus& status);

struct SpawnRequest {
  std::filesystem::path program;
  std::vector<std::string> arguments;    // without the program's name
  std::vector<std::string> environment;  // "NAME=value", nothing else is inherited
  int error_output = 2;                  // becomes the child's 1 and 2; its 0 is /dev/null
  std::vector<int> passed;               // become the child's 3, 4, ...
};

class ChildProcess {
 public:
  static Result<ChildProcess> spawn(boost::asio::any_io_executor executor, SpawnRequest request);
  ChildProcess(ChildProcess&&) noexcept;
  ChildProcess& operator=(ChildProcess&&) noexcept;
  ~ChildProcess();  // a child that still runs is killed with its group; the kernel reaps it for us only once we exit, so wait() first

  pid_t pid() const;
  // Returns when the child has ended; reaps it. Call it once.
  boost::asio::awaitable<ExitStatus> wait();
  void signal_group(int signal);
  // Whether any process of its group is left. True while the child itself has not been reaped.
  bool group_alive() const;

 private:
  struct State;
  explicit ChildProcess(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace common
