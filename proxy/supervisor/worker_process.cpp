#include "proxy/supervisor/worker_process.hpp"

#include <signal.h>
#include <unistd.h>

#include "common/child_environment.hpp"
#include "common/sanitizer.hpp"

namespace proxy::supervisor {

namespace asio = boost::asio;

namespace {

constexpr std::uint64_t kOpenFiles = 4096;
constexpr int kOomScore = 500;  // of 1000: the kernel ends a worker before the daemon or the desktop

std::uint64_t start_of(pid_t pid) {
  const auto process = common::read_process(pid);
  return process ? process->start_time : 0;
}

}  // namespace

std::vector<std::string> environment_for(const WorkerMark& mark) {
  std::vector<std::string> environment = common::worker_environment();
  for (std::string& entry : environment_of(mark)) environment.push_back(std::move(entry));
  return environment;
}

// RLIMIT_DATA keeps one that runs wild from pushing everybody else out; files that it maps do not count.
common::ChildLimits worker_limits() {
  common::ChildLimits limits{
      .core_bytes = 0, .open_files = kOpenFiles, .data_bytes = common::physical_memory_bytes(), .oom_score_adj = kOomScore};
  if (common::kShadowMemory) limits.data_bytes.reset();
  return limits;
}

WorkerProcess::WorkerProcess(common::ChildProcess child, std::shared_ptr<ErrorOutput> output, WorkerMark mark, std::string socket,
                             WorkerHouse house)
    : child_(std::move(child)),
      output_(std::move(output)),
      mark_(std::move(mark)),
      socket_(std::move(socket)),
      house_(std::move(house)),
      started_(start_of(child_.pid())),
      victims_before_(common::oom_kills(house_.memory)) {}

WorkerProcess::~WorkerProcess() {
  if (counts_) --*house_.running;
  if (!socket_.empty()) ::unlink(socket_.c_str());
  house_.cgroups->kill(mark_.number);
  house_.cgroups->remove_empty();
}

void WorkerProcess::assign(const std::string& model) {
  if (std::exchange(assigned_, true)) return;
  output_->rename(model);
  victims_before_ = common::oom_kills(house_.memory);  // those of its idle days are nothing to it
  counts_ = !child_.reaped();
  if (counts_) ++*house_.running;
}

bool WorkerProcess::runs() const {
  if (child_.reaped()) return false;
  auto process = common::read_process(pid());
  return process && !process->ended() && process->state != 'T' && process->state != 't';
}

void WorkerProcess::signal(int signal) {
  // A victim of the kernel loses its control channel before it has ended, and is then killed by us too: what counts is who was first.
  if (signal == SIGKILL && !victims_at_kill_) victims_at_kill_ = common::oom_kills(house_.memory);
  if (!child_.reaped()) child_.signal_group(signal);  // who is left of the group after that is found by name: kill_survivors()
  if (signal == SIGKILL) house_.cgroups->kill(mark_.number);
}

asio::awaitable<common::ExitStatus> WorkerProcess::wait_exit() {
  auto status = co_await child_.wait();
  if (std::exchange(counts_, false)) --*house_.running;
  // The kernel does not say whom it ended. If it counted a victim before we sent anything, this is most likely the one.
  const std::uint64_t victims = victims_at_kill_.value_or(common::oom_kills(house_.memory));
  status.out_of_memory = status.signal == SIGKILL && victims > victims_before_;
  co_return status;
}

bool WorkerProcess::survivors() const {
  return !child_.reaped() || house_.cgroups->populated(mark_.number) || !find_descendants(identity()).empty();
}

void WorkerProcess::kill_survivors() {
  if (!child_.reaped()) signal(SIGKILL);
  else house_.cgroups->kill(mark_.number);
  // Who left the cgroup (it takes a privilege), and everybody where there is none.
  for (const common::ProcessEntry& process : find_descendants(identity())) {
    if (auto pidfd = common::open_process(process)) common::send_signal(pidfd, SIGKILL);
  }
}

std::uint64_t WorkerProcess::own_bytes() const {
  if (!assigned_) return common::own_bytes(pid());  // it has started nothing
  std::uint64_t bytes = 0;
  for (pid_t process : processes()) bytes += common::own_bytes(process);
  return bytes;
}

// Asked at every sign of life: where a cgroup knows, that is soonest told.
std::vector<pid_t> WorkerProcess::processes() const {
  std::vector<pid_t> found = house_.cgroups->processes(mark_.number);
  if (!found.empty()) return found;
  for (const common::ProcessEntry& process : find_descendants(identity())) found.push_back(process.pid);
  return found;
}

WorkerIdentity WorkerProcess::identity() const {
  const bool is_reaped = child_.reaped();
  return {.mark = mark_,
          .leader = child_.pid(),
          .leader_reaped = is_reaped,
          .daemon = ::getpid(),
          .started = started_,
          .only_worker = assigned_ && !house_.cgroups->folder() && *house_.running == (is_reaped ? 0 : 1)};
}

}  // namespace proxy::supervisor
