#include "proxy/supervisor/process_launcher.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <cstdlib>
#include <deque>
#include <format>
#include <random>

#include "common/line_channel.hpp"
#include "common/log.hpp"

namespace proxy::supervisor {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using common::Descriptor;
using common::ErrorKind;
using common::fail;
using common::Result;

constexpr std::size_t kKeptLines = 40;
constexpr std::size_t kLongestLine = 4096;
constexpr const char* kInherited[] = {"PATH",
                                      "HOME",
                                      "LANG",
                                      "LC_ALL",
                                      "TMPDIR",
                                      "XDG_CACHE_HOME",
                                      "CUDA_VISIBLE_DEVICES",
                                      "GGML_VK_VISIBLE_DEVICES",
                                      "ASAN_OPTIONS",
                                      "UBSAN_OPTIONS",
                                      "TSAN_OPTIONS",
                                      "LSAN_OPTIONS"};

std::vector<std::string> worker_environment(const std::string& instance) {
  std::vector<std::string> environment;
  for (const char* name : kInherited) {
    if (const char* value = std::getenv(name)) environment.push_back(std::format("{}={}", name, value));
  }
  environment.push_back("PERCH_INSTANCE=" + instance);
  return environment;
}

// Reads a worker's error output for as long as anybody holds the other end, so that a chatty worker never blocks on a full pipe.
// Outlives the LaunchedWorker by as long as the pipe does: hence shared.
struct ErrorOutput {
  explicit ErrorOutput(asio::any_io_executor executor, int fd, std::string worker) : pipe(executor, fd), name(std::move(worker)) {}

  void keep(std::string line) {
    if (line.size() > kLongestLine) line.resize(kLongestLine);
    common::log::info("worker {}: {}", name, line);
    lines.push_back(std::move(line));
    if (lines.size() > kKeptLines) lines.pop_front();
  }

  asio::posix::stream_descriptor pipe;
  std::string name;
  std::deque<std::string> lines;
};

asio::awaitable<void> drain(std::shared_ptr<ErrorOutput> output) {
  std::string pending;
  char space[4096];
  while (true) {
    auto buffer = asio::buffer(space);
    auto [ec, read] = co_await output->pipe.async_read_some(buffer, asio::as_tuple(asio::use_awaitable));
    if (ec) break;
    pending.append(space, read);
    std::size_t start = 0;
    for (std::size_t end; (end = pending.find('\n', start)) != std::string::npos; start = end + 1)
      output->keep(pending.substr(start, end - start));
    pending.erase(0, start);
    if (pending.size() > kLongestLine) output->keep(std::exchange(pending, {}));
  }
  if (!pending.empty()) output->keep(std::move(pending));
}

class ProcessWorker final : public LaunchedWorker {
 public:
  ProcessWorker(common::ChildProcess child, common::LineChannel control, std::string socket, std::shared_ptr<ErrorOutput> output)
      : child_(std::move(child)), control_(std::move(control)), socket_(std::move(socket)), output_(std::move(output)) {}
  ~ProcessWorker() override { ::unlink(socket_.c_str()); }

  pid_t pid() const override { return child_.pid(); }
  const std::string& data_socket() const override { return socket_; }
  asio::awaitable<Result<common::FromWorker>> receive() override {
    auto line = co_await control_.read_line();
    if (!line) co_return fail(line.error());
    co_return common::decode_from_worker(*line);
  }
  void send(common::ToWorker message) override { control_.send_line(common::encode(message)); }
  void signal(int signal) override { child_.signal_group(signal); }
  asio::awaitable<common::ExitStatus> wait_exit() override { return child_.wait(); }
  bool group_alive() const override { return child_.group_alive(); }
  std::vector<std::string> last_lines() const override { return {output_->lines.begin(), output_->lines.end()}; }

 private:
  common::ChildProcess child_;
  common::LineChannel control_;
  std::string socket_;
  std::shared_ptr<ErrorOutput> output_;
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

std::string random_instance() {
  std::random_device random;
  return std::format("{:08x}{:08x}", random(), random());
}

}  // namespace

ProcessLauncher::ProcessLauncher(asio::any_io_executor executor, ProcessLauncherConfig config)
    : executor_(executor), config_(std::move(config)), instance_(random_instance()), folder_(make_socket_folder()) {}

ProcessLauncher::~ProcessLauncher() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

Result<std::unique_ptr<LaunchedWorker>> ProcessLauncher::launch(const std::string& model) {
  const std::string path = (folder_ / std::format("{}.sock", ++launched_)).string();
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
                                                       .environment = worker_environment(instance_),
                                                       .error_output = write_end.get(),
                                                       .passed = {theirs.get(), data->get()}});
  if (!child) return fail(child.error());
  auto output = std::make_shared<ErrorOutput>(executor_, read_end.release(), model);
  asio::co_spawn(executor_, drain(output), asio::detached);  // ends by itself when the pipe's last writer is gone
  common::LineChannel control(executor_, ours.release());
  return std::make_unique<ProcessWorker>(std::move(*child), std::move(control), path, std::move(output));
}

}  // namespace proxy::supervisor
