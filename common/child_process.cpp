#include "common/child_process.hpp"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <format>
#include <set>

#include "common/process_table.hpp"
#include "common/spawn.hpp"

namespace common {

namespace asio = boost::asio;

namespace {

constexpr int kStatusLost = 255;

// Children that somebody here waits for. Loop thread only, as everything about children.
std::set<pid_t>& owned_children() {
  static std::set<pid_t> pids;
  return pids;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

void Descriptor::reset() {
  if (fd_ >= 0) close(release());
}

std::string describe(const ExitStatus& status) {
  if (status.out_of_memory) return "killed by the kernel: out of memory";
  if (status.signal == 0) return std::format("exit code {}", status.code);
  return std::format("signal {} ({})", status.signal, strsignal(status.signal));
}

struct ChildProcess::State {
  State(asio::any_io_executor executor, pid_t child, int pidfd) : pid(child), watch(executor, pidfd) { owned_children().insert(pid); }
  ~State() {
    if (!reaped) owned_children().erase(pid);
  }

  pid_t pid;
  asio::posix::stream_descriptor watch;
  bool reaped = false;
};

ChildProcess::ChildProcess(std::unique_ptr<State> state) : state_(std::move(state)) {}
ChildProcess::ChildProcess(ChildProcess&&) noexcept = default;
ChildProcess& ChildProcess::operator=(ChildProcess&&) noexcept = default;

ChildProcess::~ChildProcess() {
  if (state_ && !state_->reaped) signal_group(SIGKILL);
}

Result<ChildProcess> ChildProcess::spawn(asio::any_io_executor executor, const SpawnRequest& request) {
  auto spawned = common::spawn(request);
  if (!spawned) return fail(spawned.error());
  return ChildProcess(std::make_unique<State>(executor, spawned->pid, spawned->pidfd.release()));
}

pid_t ChildProcess::pid() const { return state_->pid; }

asio::awaitable<ExitStatus> ChildProcess::wait() {
  while (true) {
    siginfo_t info{};
    int rc = waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(state_->watch.native_handle()), &info, WEXITED | WNOHANG);
    if (rc == 0 && info.si_pid != 0) {
      state_->reaped = true;
      owned_children().erase(state_->pid);  // from here on the number may be somebody else's
      bool exited = info.si_code == CLD_EXITED;
      co_return ExitStatus{.code = exited ? info.si_status : 0, .signal = exited ? 0 : info.si_status};
    }
    if (rc != 0 && errno == ECHILD) {  // somebody else reaped it: it has ended, and nobody will ever know how
      state_->reaped = true;
      owned_children().erase(state_->pid);
      co_return ExitStatus{.code = kStatusLost};
    }
    // A pidfd becomes readable when the process ends (pidfd_open(2)).
    co_await state_->watch.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
  }
}

void ChildProcess::signal_group(int signal) {
  // The group outlives its leader only while members are left, so its number cannot have been given away as long as kill finds it and the
  // leader is not reaped. After that it is for callers who know that somebody is left.
  kill(-state_->pid, signal);
}

bool ChildProcess::reaped() const { return state_->reaped; }

bool ChildProcess::owns(pid_t pid) { return owned_children().contains(pid); }

void ChildProcess::adopt_orphans() { prctl(PR_SET_CHILD_SUBREAPER, 1); }

namespace {

std::vector<ProcessEntry> own_children() {
  std::vector<ProcessEntry> children;
  if (const auto known = children_of(getpid())) {
    for (pid_t pid : *known) {
      if (auto process = read_process(pid)) children.push_back(*process);
    }
    return children;
  }
  children = all_processes();
  std::erase_if(children, [](const ProcessEntry& process) { return process.parent != getpid(); });
  return children;
}

}  // namespace

void ChildProcess::reap_adopted() {
  // Mostly nobody has ended but those that are owned, and to see that needs no look at /proc.
  siginfo_t ended{};
  while (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid != 0 && !owns(ended.si_pid)) {
    waitpid(ended.si_pid, nullptr, WNOHANG);
    ended = {};
  }
  if (ended.si_pid == 0) return;
  // An owned one stands in the way of those behind it.
  for (const ProcessEntry& process : own_children()) {
    if (process.ended() && !owns(process.pid)) waitpid(process.pid, nullptr, WNOHANG);
  }
}

}  // namespace common
