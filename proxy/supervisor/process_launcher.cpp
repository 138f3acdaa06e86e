#include "proxy/supervisor/process_launcher.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <cstdlib>
#include <format>

#include "common/child_environment.hpp"
#include "common/line_channel.hpp"
#include "common/log.hpp"
#include "common/sanitizer.hpp"
#include "proxy/supervisor/descendants.hpp"
#include "proxy/supervisor/error_output.hpp"
#include "proxy/supervisor/leftovers.hpp"
#include "proxy/supervisor/probe.hpp"

namespace proxy::supervisor {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using common::Descriptor;
using common::ErrorKind;
using common::fail;
using common::Result;

constexpr const char* kNoModel = "(no model yet)";  // before its lines in the log
constexpr std::uint64_t kOpenFiles = 4096;
constexpr int kOomScore = 500;  // of 1000: the kernel ends a worker before the daemon or the desktop

std::vector<std::string> environment_for(const WorkerMark& mark) {
  std::vector<std::string> environment = common::worker_environment();
  for (std::string& entry : environment_of(mark)) environment.push_back(std::move(entry));
  return environment;
}

// What every worker is held to. RLIMIT_DATA keeps one that runs wild from pushing everybody else out; files that it maps do not count.
common::ChildLimits worker_limits() {
  common::ChildLimits limits{
      .core_bytes = 0, .open_files = kOpenFiles, .data_bytes = common::physical_memory_bytes(), .oom_score_adj = kOomScore};
  if (common::kShadowMemory) limits.data_bytes.reset();
  return limits;
}

class ProcessWorker final : public LaunchedWorker {
 public:
  struct Parts {
    common::ChildProcess child;
    common::LineChannel control;
    std::string socket;
    std::shared_ptr<ErrorOutput> output;
    std::shared_ptr<const WorkerCgroups> cgroups;
    WorkerMark mark;
    std::uint64_t started = 0;  // as ProcessEntry::start_time
  };
  ProcessWorker(Parts parts, std::shared_ptr<int> running, common::MemoryFiles memory)
      : parts_(std::move(parts)), running_(std::move(running)), memory_(std::move(memory)), victims_before_(common::oom_kills(memory_)) {}
  ~ProcessWorker() override {
    if (counts_) --*running_;
    ::unlink(parts_.socket.c_str());
    parts_.cgroups->kill(parts_.mark.number);
    parts_.cgroups->remove_empty();
  }

  pid_t pid() const override { return parts_.child.pid(); }
  const std::string& data_socket() const override { return parts_.socket; }
  asio::awaitable<Result<common::FromWorker>> receive() override {
    auto line = co_await parts_.control.read_line();
    if (!line) co_return fail(line.error());
    auto message = common::decode_from_worker(*line);
    if (message && std::holds_alternative<common::Ready>(*message)) purpose_ = std::get<common::Ready>(*message).purpose;
    co_return message;
  }
  void send(common::ToWorker message) override { parts_.control.send_line(common::encode(message)); }
  void assign(const std::string& model) override {
    if (std::exchange(assigned_, true)) return;
    parts_.output->rename(model);
    victims_before_ = common::oom_kills(memory_);  // those of its idle days are nothing to it
    counts_ = !parts_.child.reaped();
    if (counts_) ++*running_;
  }
  bool runs() const override {
    if (parts_.child.reaped()) return false;
    auto process = common::read_process(pid());
    return process && !process->ended() && process->state != 'T' && process->state != 't';
  }
  void signal(int signal) override {
    // A victim of the kernel loses its control channel before it has ended, and is then killed by us too: what counts is who was first.
    if (signal == SIGKILL && !victims_at_kill_) victims_at_kill_ = common::oom_kills(memory_);
    parts_.child.signal_group(signal);
    if (signal == SIGKILL) parts_.cgroups->kill(parts_.mark.number);
  }
  asio::awaitable<common::ExitStatus> wait_exit() override {
    auto status = co_await parts_.child.wait();
    if (std::exchange(counts_, false)) --*running_;
    // The kernel does not say whom it ended. If it counted a victim before we sent anything, this is most likely the one.
    const std::uint64_t victims = victims_at_kill_.value_or(common::oom_kills(memory_));
    status.out_of_memory = status.signal == SIGKILL && victims > victims_before_;
    co_return status;
  }
  bool survivors() const override {
    return !parts_.child.reaped() || parts_.cgroups->populated(parts_.mark.number) || !find_descendants(identity()).empty();
  }
  void kill_survivors() override {
    if (!parts_.child.reaped()) signal(SIGKILL);
    else parts_.cgroups->kill(parts_.mark.number);
    // Who left the cgroup (it takes a privilege), and everybody where there is none.
    for (const common::ProcessEntry& process : find_descendants(identity())) {
      if (auto pidfd = common::open_process(process)) common::send_signal(pidfd, SIGKILL);
    }
  }
  std::uint64_t own_bytes() const override {
    if (!assigned_) return common::own_bytes(parts_.child.pid());  // it has started nothing, and looking for that goes through all of /proc
    std::uint64_t bytes = 0;
    // Asked at every sign of life, so not of all of /proc, which takes milliseconds, where a cgroup knows.
    if (const auto known = parts_.cgroups->processes(parts_.mark.number); !known.empty()) {
      for (pid_t process : known) bytes += common::own_bytes(process);
      return bytes;
    }
    for (const common::ProcessEntry& process : find_descendants(identity())) bytes += common::own_bytes(process.pid);
    return bytes;
  }
  asio::awaitable<Result<void>> probe() override { return supervisor::probe(parts_.socket, purpose_); }
  std::vector<std::string> last_lines() const override { return parts_.output->last_lines(); }

 private:
  WorkerIdentity identity() const {
    const bool reaped = parts_.child.reaped();
    return {.mark = parts_.mark,
            .leader = parts_.child.pid(),
            .leader_reaped = reaped,
            .daemon = ::getpid(),
            .started = parts_.started,
            .only_worker = assigned_ && *running_ == (reaped ? 0 : 1)};
  }

  Parts parts_;
  std::shared_ptr<int> running_;  // how many workers of this launcher have a model and have not been reaped
  bool assigned_ = false;         // it has a model; before that it starts nothing, so nothing that is found is its own
  bool counts_ = false;           // among those that run
  common::MemoryFiles memory_;
  std::uint64_t victims_before_;  // of the kernel, when memory was short
  std::optional<std::uint64_t> victims_at_kill_;
  common::Purpose purpose_ = common::Purpose::generation;
};

std::unexpected<common::Error> system_failure(const char* attempt) {
  return fail(ErrorKind::io, std::format("{}: {}", attempt, strerror(errno)));
}

Result<Descriptor> listen_on(const std::string& path) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  if (path.size() >= sizeof(address.sun_path)) {
    return fail(ErrorKind::io, std::format("the socket path {} is longer than {} bytes: set XDG_RUNTIME_DIR to a shorter folder", path,
                                           sizeof(address.sun_path) - 1));
  }
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return system_failure("making the worker's socket");
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0)
    return system_failure("binding the worker's socket");
  if (::listen(socket.get(), SOMAXCONN) != 0) return system_failure("listening on the worker's socket");
  return socket;
}

// A daemon that was killed could not remove its folder; the next one does.
void remove_left_over(const fs::path& base, const std::string& prefix) {
  std::error_code ec;
  for (fs::directory_iterator it(base, ec), end; !ec && it != end; it.increment(ec)) {
    const std::string name = it->path().filename().string();
    if (!name.starts_with(prefix)) continue;
    pid_t pid = 0;
    std::from_chars(name.data() + prefix.size(), name.data() + name.size(), pid);
    std::error_code ignored;
    if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH) fs::remove_all(it->path(), ignored);
  }
}

fs::path make_socket_folder() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  std::error_code ec;
  const fs::path base = runtime && fs::is_directory(runtime, ec) ? fs::path(runtime) : fs::temp_directory_path();
  const std::string prefix = std::format("perch-{}-", ::getuid());
  remove_left_over(base, prefix);
  std::string path = (base / std::format("{}{}-XXXXXX", prefix, ::getpid())).string();
  if (!::mkdtemp(path.data()))
    throw std::system_error(errno, std::generic_category(), "making the folder for worker sockets in " + base.string());
  return path;
}

}  // namespace

ProcessLauncher::ProcessLauncher(asio::any_io_executor executor, ProcessLauncherConfig config)
    : executor_(executor), config_(std::move(config)), instance_(to_string(this_instance())), folder_(make_socket_folder()) {
  common::ChildProcess::adopt_orphans();
  end_leftovers(config_.cgroup ? std::optional(*config_.cgroup) : std::nullopt);
  cgroups_ = std::make_shared<WorkerCgroups>(config_.cgroup, instance_);
  if (!cgroups_->folder()) return;
  auto guard = CgroupGuard::start(executor_, *cgroups_->folder());
  if (guard) guard_ = std::move(*guard);
  else common::log::warn("what workers start may outlive this daemon if it is killed: {}", guard.error().message());
}

ProcessLauncher::~ProcessLauncher() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void ProcessLauncher::keep_house(common::TaskGroup& tasks) {
  tasks.spawn(reap_adopted());
  if (guard_) tasks.spawn(watch_guard());
}

asio::awaitable<void> ProcessLauncher::watch_guard() {
  auto status = co_await guard_->wait();
  common::log::warn("the guard of the workers' cgroup has ended ({}): what workers start may outlive this daemon if it is killed",
                    common::describe(status));
}

asio::awaitable<void> ProcessLauncher::reap_adopted() {
  asio::signal_set child_ended(executor_);
  child_ended.add(SIGCHLD, asio::signal_set::flags::restart | asio::signal_set::flags::no_child_stop);
  while (true) {
    common::ChildProcess::reap_adopted();
    cgroups_->remove_empty();
    co_await child_ended.async_wait(asio::use_awaitable);
  }
}

std::uint64_t ProcessLauncher::available_bytes() const { return common::available_bytes(config_.memory); }

Result<std::unique_ptr<LaunchedWorker>> ProcessLauncher::launch(const std::string& model) {
  const WorkerMark mark{.instance = instance_, .number = ++launched_};
  const std::string path = (folder_ / std::format("{}.sock", mark.number)).string();
  auto data = listen_on(path);
  if (!data) return fail(data.error());
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return system_failure("making the control channel");
  Descriptor ours(pair[0]), theirs(pair[1]);
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) return system_failure("making the worker's error output");
  Descriptor read_end(pipe[0]), write_end(pipe[1]);

  auto child = common::ChildProcess::spawn(executor_, {.program = config_.program,
                                                       .arguments = config_.arguments,
                                                       .environment = environment_for(mark),
                                                       .error_output = write_end.get(),
                                                       .passed = {theirs.get(), data->get()},
                                                       .limits = worker_limits(),
                                                       .cgroup = cgroups_->make(mark.number)});
  if (!child) return fail(child.error());
  const auto process = common::read_process(child->pid());
  ProcessWorker::Parts parts{.child = std::move(*child),
                             .control = common::LineChannel(executor_, ours.release()),
                             .socket = path,
                             .output = ErrorOutput::drain(executor_, read_end.release(), kNoModel),
                             .cgroups = cgroups_,
                             .mark = mark,
                             .started = process ? process->start_time : 0};
  auto worker = std::make_unique<ProcessWorker>(std::move(parts), running_, config_.memory);
  if (!model.empty()) worker->assign(model);
  return worker;
}

}  // namespace proxy::supervisor
