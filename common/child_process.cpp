#include "common/child_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
// The child does nothing between fork and exec that needs the event loop, so the loop is not told of the fork (it would copy its epoll
// set).
#define BOOST_PROCESS_V2_DISABLE_NOTIFY_FORK
#include <algorithm>
#include <boost/process/v2/posix/default_launcher.hpp>
#include <boost/process/v2/process.hpp>
#include <cstdlib>
#include <format>
#include <set>

#include "common/proc_file.hpp"
#include "common/process_table.hpp"

namespace common {

namespace asio = boost::asio;
namespace process = boost::process::v2;

namespace {

constexpr int kFirstPassed = 3;
constexpr int kReservedDescriptors = 16;
constexpr int kStatusLost = 255;

// Children that somebody here waits for. Loop thread only, as everything about children.
std::set<pid_t>& owned_children() {
  static std::set<pid_t> pids;
  return pids;
}

void set_limit(decltype(RLIMIT_CORE) resource, const std::optional<std::uint64_t>& wanted) {
  rlimit limit;
  if (!wanted || getrlimit(resource, &limit) != 0) return;
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, *wanted);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(resource, &limit);
}

// Never less than it is: lowering needs a privilege. Empty: nothing is to be changed.
std::string oom_score_text(std::optional<int> wanted) {
  if (!wanted) return {};
  const std::string now = read_proc_file("/proc/self/oom_score_adj");
  return std::to_string(std::max(*wanted, std::atoi(now.c_str())));
}

// Runs in the child between fork and exec: async-signal-safe calls only (signal-safety(7)).
struct ChildSetup {
  const SpawnRequest& request;
  pid_t parent;
  std::string oom_score;
  int cgroup_members;  // its cgroup.procs; -1: it stays where its parent is

  template <class Launcher>
  boost::system::error_code on_setup(Launcher& launcher, const process::filesystem::path&, const char* const*&) {
    for (std::size_t i = 0; i < request.passed.size(); ++i) launcher.fd_whitelist.push_back(kFirstPassed + static_cast<int>(i));
    return {};
  }
  template <class Launcher>
  boost::system::error_code on_exec_setup(Launcher&, const process::filesystem::path&, const char* const*&) {
    // Before anything else, so that nothing of it is ever outside. If it fails, it is where its parent is. It takes some 10 ms, which being
    // born there (clone3(2) with CLONE_INTO_CGROUP) would not; Boost.Process forks.
    if (cgroup_members >= 0) static_cast<void>(!write(cgroup_members, "0", 1));
    setpgid(0, 0);
    if (request.dies_with_parent) prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);  // the parent died before the line above took hold
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);  // an ignored signal stays ignored across exec
    int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, 0) < 0 || dup2(request.error_output, 1) < 0 || dup2(request.error_output, 2) < 0) return last_error();
    for (std::size_t i = 0; i < request.passed.size(); ++i) {
      if (dup2(request.passed[i], kFirstPassed + static_cast<int>(i)) < 0) return last_error();
    }
    hold_to_limits();
    return {};
  }
  void hold_to_limits() const {
    set_limit(RLIMIT_CORE, request.limits.core_bytes);
    set_limit(RLIMIT_NOFILE, request.limits.open_files);
    set_limit(RLIMIT_DATA, request.limits.data_bytes);
    const int score = oom_score.empty() ? -1 : open("/proc/self/oom_score_adj", O_WRONLY);
    if (score < 0) return;
    static_cast<void>(!write(score, oom_score.data(), oom_score.size()));  // if it fails, it is as it was
    close(score);
  }
  static boost::system::error_code last_error() { return {errno, boost::system::system_category()}; }
};

// The launcher's own error pipe must not land on a number that the child's descriptors are moved to, so the low ones are kept taken.
void reserve_low_descriptors() {
  static const bool done = [] {
    while (true) {
      int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
      if (fd < 0) return true;
      if (fd >= kReservedDescriptors) return close(fd), true;
    }
  }();
  static_cast<void>(done);
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

Result<ChildProcess> ChildProcess::spawn(asio::any_io_executor executor, SpawnRequest request) {
  reserve_low_descriptors();
  // Copies out of the way of the numbers they will get: dup2 in the child must not overwrite a source it still needs.
  std::vector<Descriptor> moved;
  for (int& fd : request.passed) {
    Descriptor& copy = moved.emplace_back(fcntl(fd, F_DUPFD_CLOEXEC, kReservedDescriptors));
    if (!copy) return fail(ErrorKind::io, std::format("passing a descriptor to a child: {}", strerror(errno)));
    fd = copy.get();
  }
  std::vector<const char*> environment;
  for (const std::string& entry : request.environment) environment.push_back(entry.c_str());
  environment.push_back(nullptr);

  Descriptor cgroup_members;
  if (request.cgroup) cgroup_members = Descriptor(open((*request.cgroup / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));

  process::posix::default_launcher launcher;
  launcher.env = environment.data();
  boost::system::error_code ec;
  auto child = launcher(executor, ec, process::filesystem::path(request.program.string()), request.arguments,
                        ChildSetup{request, getpid(), oom_score_text(request.limits.oom_score_adj), cgroup_members.get()});
  if (ec) return fail(ErrorKind::io, std::format("starting {}: {}", request.program.string(), ec.message()));
  const pid_t pid = child.id();
  child.detach();  // from here on it is ours: its handle would wait for or end a process by number
  int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (pidfd < 0) {
    kill(-pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return fail(ErrorKind::io, std::format("pidfd_open: {} (Linux 5.4 or newer is needed)", strerror(errno)));
  }
  return ChildProcess(std::make_unique<State>(executor, pid, pidfd));
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
