// A child process of ours: how it is made, watched and signalled. Nothing else in the tree knows.
//
// The child leads a process group of its own, starts with an empty signal mask, only the descriptors it was given, and (unless told
// otherwise) dies with the thread that spawned it (prctl(2) PR_SET_PDEATHSIG follows the *thread*), so spawn() is called on the loop
// thread, which never exits. It is watched and signalled through a pidfd (pidfd_open(2), and CLONE_PIDFD of clone(2)): a process id may be
// reused, a pidfd may not. How it comes to be is in spawn.hpp.
//
// What our children leave behind when they end becomes our child too, if we are a subreaper. Such adopted children belong to nobody here;
// reap_adopted() keeps them from staying as zombies, and never takes the exit status of a child that a ChildProcess waits for.
#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
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
  int code = 0;                // when signal is 0
  int signal = 0;              // the signal that ended it
  bool out_of_memory = false;  // the kernel ended it for want of memory, as far as can be told
  bool clean() const { return code == 0 && signal == 0; }
};

// "exit code 65", "signal 9 (Killed)", "killed by the kernel: out of memory".
std::string describe(const ExitStatus& status);

// What a child may use. Nothing set: as its parent. A limit is never raised above the hard limit that is there.
struct ChildLimits {
  std::optional<std::uint64_t> core_bytes;  // of a core dump
  std::optional<std::uint64_t> open_files;
  std::optional<std::uint64_t> data_bytes;  // private writable memory (RLIMIT_DATA), so not mapped files
  std::optional<int> oom_score_adj;         // at least this: the higher, the sooner the kernel ends it when memory is short
};

struct SpawnRequest {
  std::filesystem::path program;
  std::vector<std::string> arguments;    // without the program's name
  std::vector<std::string> environment;  // "NAME=value", nothing else is inherited
  int error_output = 2;                  // becomes the child's 1 and 2; its 0 is /dev/null
  std::vector<int> passed;               // become the child's 3, 4, ...
  ChildLimits limits;
  std::optional<std::filesystem::path> cgroup;  // joined at once, where that is possible (cgroup.hpp)
  bool dies_with_parent = true;
};

class ChildProcess {
 public:
  static Result<ChildProcess> spawn(boost::asio::any_io_executor executor, const SpawnRequest& request);
  ChildProcess(ChildProcess&&) noexcept;
  ChildProcess& operator=(ChildProcess&&) noexcept;
  ~ChildProcess();  // a child that still runs is killed with its group; the kernel reaps it for us only once we exit, so wait() first

  pid_t pid() const;
  // Returns when the child has ended; reaps it. Call it once.
  boost::asio::awaitable<ExitStatus> wait();
  bool reaped() const;
  void signal_group(int signal);

  // Whether a ChildProcess waits for it.
  static bool owns(pid_t pid);
  // From now on orphans of our descendants become our children instead of init's (prctl(2) PR_SET_CHILD_SUBREAPER).
  static void adopt_orphans();
  // Reaps children that have ended and that no ChildProcess owns.
  static void reap_adopted();

 private:
  struct State;
  explicit ChildProcess(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace common
