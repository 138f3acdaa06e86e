#include "bench/daemon.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <format>
#include <fstream>
#include <sstream>

#include "common/clock.hpp"
#include "common/http_client.hpp"

namespace bench {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;
using common::ErrorKind;
using common::fail;
using common::Json;
using common::Result;

namespace {

constexpr auto kStartLimit = 30s;
constexpr auto kStopLimit = 15s;
constexpr auto kPoll = 5ms;

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// Ours, but for the folder in which the daemon makes its sockets.
std::vector<std::string> environment_of(const fs::path& folder) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text = *entry;
    if (!text.starts_with("XDG_RUNTIME_DIR=") && !text.starts_with("XDG_STATE_HOME=")) environment.emplace_back(text);
  }
  environment.push_back("XDG_RUNTIME_DIR=" + folder.string());
  environment.push_back("XDG_STATE_HOME=" + folder.string());
  return environment;
}

std::vector<std::string> arguments_of(const DaemonOptions& options, const fs::path& port_file) {
  std::vector<std::string> arguments{"serve",       "--listen", "127.0.0.1:0", "--registry", options.registry,
                                     "--port-file", port_file,  "--log-level", "warn"};
  if (!options.worker.empty()) arguments.insert(arguments.end(), {"--worker", options.worker});
  if (!options.journal.empty()) arguments.insert(arguments.end(), {"--journal", options.journal});
  return arguments;
}

}  // namespace

Daemon::~Daemon() = default;

asio::awaitable<Result<Daemon>> Daemon::start(asio::any_io_executor executor, DaemonOptions options) {
  Folder folder;
  const fs::path port_file = folder.path() / "port", log_file = folder.path() / "log";
  common::Descriptor log(open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  auto child = common::ChildProcess::spawn(executor, {.program = options.perch,
                                                      .arguments = arguments_of(options, port_file),
                                                      .environment = environment_of(folder.path()),
                                                      .error_output = log.get()});
  if (!child) co_return fail(child.error());
  Daemon daemon(std::move(folder), std::move(*child));
  common::SteadyClock clock;
  const auto give_up = clock.now() + kStartLimit;
  while (clock.now() < give_up) {
    if (std::string port = text_of(port_file); !port.empty()) {
      daemon.port_ = port.substr(0, port.find('\n'));
      co_return std::move(daemon);
    }
    co_await clock.sleep_for(kPoll);
  }
  co_return fail(ErrorKind::timeout, std::format("{} did not start: {}", options.perch.string(), text_of(log_file)));
}

asio::awaitable<Result<Json>> Daemon::get(std::string path) const {
  auto client = co_await common::HttpClient::connect_tcp("127.0.0.1", port_);
  if (!client) co_return fail(client.error());
  common::HttpRequest request{.target = std::move(path)};
  auto response = co_await client->exchange(std::move(request));
  if (!response) co_return fail(response.error());
  co_return common::parse_json(response->body);
}

asio::awaitable<void> Daemon::stop() {
  child_.signal_group(SIGTERM);
  common::SteadyClock clock;
  auto ending = child_.wait();
  auto patience = clock.sleep_for(kStopLimit);
  co_await (std::move(ending) || std::move(patience));
}

}  // namespace bench
