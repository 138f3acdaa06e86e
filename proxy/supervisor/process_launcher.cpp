#include "proxy/supervisor/process_launcher.hpp"

#include <errno.h>
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

#include "common/line_channel.hpp"
#include "common/log.hpp"
#include "common/process_table.hpp"
#include "proxy/supervisor/command_worker.hpp"
#include "proxy/supervisor/error_output.hpp"
#include "proxy/supervisor/leftovers.hpp"
#include "proxy/supervisor/probe.hpp"
#include "proxy/supervisor/worker_process.hpp"

namespace proxy::supervisor {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using common::Descriptor;
using common::ErrorKind;
using common::fail;
using common::Result;

constexpr const char* kNoModel = "(no model yet)";  // before its lines in the log

class ProcessWorker final : public WorkerProcess {
 public:
  struct Parts {
    common::ChildProcess child;
    common::LineChannel control;
    std::string socket;
    std::shared_ptr<ErrorOutput> output;
    WorkerMark mark;
  };
  ProcessWorker(Parts parts, WorkerHouse house)
      : WorkerProcess(std::move(parts.child), std::move(parts.output), std::move(parts.mark), parts.socket, std::move(house)),
        control_(std::move(parts.control)),
        address_(common::UnixAddress{parts.socket}) {}

  const common::ServerAddress& data_address() const override { return address_; }
  asio::awaitable<Result<common::FromWorker>> receive() override {
    auto line = co_await control_.read_line();
    if (!line) co_return fail(line.error());
    auto message = common::decode_from_worker(*line);
    if (message && std::holds_alternative<common::Ready>(*message)) purpose_ = std::get<common::Ready>(*message).purpose;
    co_return message;
  }
  void send(common::ToWorker message) override { control_.send_line(common::encode(message)); }
  asio::awaitable<Result<void>> probe() override { return supervisor::probe(address_, purpose_); }

 private:
  common::LineChannel control_;
  common::ServerAddress address_;
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
  // Containers may share the folder, and one's daemon looks dead to the other.
  const std::string prefix = std::format("perch-{}-{}-", ::getuid(), common::own_pid_namespace());
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

std::uint64_t ProcessLauncher::available_bytes() const {
  const std::uint64_t available = common::available_bytes(config_.memory);
  return available == 0 ? 0 : available + common::listed_bytes(config_.memory);
}

Result<std::unique_ptr<LaunchedWorker>> ProcessLauncher::launch(const std::string& model) {
  const WorkerMark mark{.instance = instance_, .number = ++launched_};
  const std::string path = (folder_ / std::format("{}.sock", mark.number)).string();
  auto data = listen_on(path);
  if (!data) return fail(data.error());
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return system_failure("making the control channel");
  Descriptor ours(pair[0]), theirs(pair[1]);
  auto pipe = ErrorOutput::make_pipe(executor_, kNoModel);
  if (!pipe) return fail(pipe.error());

  auto child = common::ChildProcess::spawn(executor_, {.program = config_.program,
                                                       .arguments = config_.arguments,
                                                       .environment = environment_for(mark),
                                                       .error_output = pipe->write_end.get(),
                                                       .passed = {theirs.get(), data->get()},
                                                       .limits = worker_limits(),
                                                       .cgroup = cgroups_->make(mark.number)});
  if (!child) return fail(child.error());
  ProcessWorker::Parts parts{.child = std::move(*child),
                             .control = common::LineChannel(executor_, ours.release()),
                             .socket = path,
                             .output = std::move(pipe->output),
                             .mark = mark};
  auto worker = std::make_unique<ProcessWorker>(std::move(parts), house());
  if (!model.empty()) worker->assign(model);
  return worker;
}

asio::awaitable<Result<void>> ProcessLauncher::reach(CommandServer server) {
  return CommandWorker::reach(programs_, std::move(server), WorkerMark{.instance = instance_, .number = 0});
}

Result<std::unique_ptr<LaunchedWorker>> ProcessLauncher::launch_command(const std::string& model, const CommandServer& server) {
  WorkerMark mark{.instance = instance_, .number = ++launched_};
  const fs::path socket = folder_ / std::format("{}.sock", mark.number);
  auto started = CommandWorker::start(executor_, model, server, socket, std::move(mark), house());
  if (!started) return fail(started.error());
  return std::move(*started);
}

}  // namespace proxy::supervisor
