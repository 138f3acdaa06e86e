#include "tests/support/daemon.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <cstdio>
#include <cstdlib>
#include <format>
#include <stdexcept>
#include <thread>

#include "common/proc_file.hpp"
#include "common/process_table.hpp"

namespace tests {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using common::HttpClient;
using common::Json;
using common::Result;

namespace {

// Runs one coroutine to its end.
template <class T>
T run(asio::io_context& loop, asio::awaitable<T> task) {
  std::optional<T> outcome;
  asio::co_spawn(loop, std::move(task), [&](std::exception_ptr thrown, T value) {
    if (thrown) std::rethrow_exception(thrown);
    outcome = std::move(value);
  });
  loop.restart();
  loop.run();
  return std::move(*outcome);
}

asio::awaitable<Result<common::HttpResponse>> exchange(std::string port, common::HttpRequest request) {
  auto client = co_await HttpClient::connect_tcp("127.0.0.1", port);
  if (!client) co_return common::fail(client.error());
  co_return co_await client->exchange(std::move(request));
}

asio::awaitable<Result<std::unique_ptr<Stream>>> open_stream(asio::io_context& loop, std::string port, common::HttpRequest request) {
  auto client = co_await HttpClient::connect_tcp("127.0.0.1", port);
  if (!client) co_return common::fail(client.error());
  auto sent = co_await client->send(std::move(request));
  if (!sent) co_return common::fail(sent.error());
  auto head = co_await client->read_head();
  if (!head) co_return common::fail(head.error());
  co_return std::make_unique<Stream>(loop, std::move(*client), std::move(*head));
}

asio::awaitable<Result<std::size_t>> read_piece(HttpClient& client, std::span<char> space) { co_return co_await client.read_some(space); }

common::HttpRequest chat_request(const std::string& model, const std::string& text, bool stream) {
  Json body{
      {"model", model}, {"stream", stream}, {"temperature", 0}, {"messages", Json::array({Json{{"role", "user"}, {"content", text}}})}};
  return {.method = "POST",
          .target = "/v1/chat/completions",
          .fields = {{"Content-Type", "application/json"}},
          .body = common::dump_json(body)};
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool is_guard(pid_t pid) { return common::find_variable(common::read_environment(pid), "PERCH_GUARD").has_value(); }

// What a worker calls itself once it is told to load: "fake:quick".
bool has_model(pid_t pid) { return common::read_proc_file(std::format("/proc/{}/comm", pid)).contains(':'); }

}  // namespace

Ran run_perch(const TempFolder& folder, const Daemon* daemon, const std::string& arguments) {
  const std::string url = "http://127.0.0.1:" + (daemon ? daemon->port() : "1");
  const std::string command = "HOME='" + folder.path().string() + "' XDG_STATE_HOME= XDG_CONFIG_HOME= PERCH_REGISTRY= PERCH_URL=" + url +
                              " '" + std::string(PERCH_PROGRAMS) + "/perch' " + arguments + " 2>&1";
  Ran ran;
  FILE* pipe = ::popen(command.c_str(), "r");
  for (int c = pipe ? std::fgetc(pipe) : EOF; c != EOF; c = std::fgetc(pipe)) ran.output += static_cast<char>(c);
  const int status = pipe ? ::pclose(pipe) : -1;
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds patience) {
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

bool process_alive(pid_t pid) {
  auto process = common::read_process(pid);
  return process && !process->ended();
}

void Stream::read_until(std::string_view wanted) {
  char space[4096];
  while (!ended && !broken && text.find(wanted) == std::string::npos) {
    auto read = run(loop_, read_piece(client_, space));
    if (!read) broken = true;
    else if (*read == 0) ended = true;
    else text.append(space, *read);
  }
}

Daemon::Daemon(const TempFolder& folder, Options options) {
  const fs::path port_file = folder.path() / "port";
  fs::remove(port_file);
  const fs::path programs = PERCH_PROGRAMS;
  common::SpawnRequest request{.program = programs / "perch",
                               .arguments = {"serve", "--registry", (folder.path() / "registry.json").string(), "--listen", "127.0.0.1:0",
                                             "--port-file", port_file.string()},
                               .environment = {"PATH=/usr/bin:/bin", "HOME=" + folder.path().string()}};
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) request.environment.push_back(std::string(name) + "=" + value);
  }
  for (std::string& variable : options.environment) request.environment.push_back(std::move(variable));
  if (options.fake_worker) {
    request.arguments.push_back("--worker");
    request.arguments.push_back((programs / "fake_worker").string());
  }
  for (std::string& argument : options.arguments) request.arguments.push_back(std::move(argument));
  auto child = common::ChildProcess::spawn(loop_.get_executor(), request);
  if (!child) throw std::runtime_error(child.error().message());
  child_ = std::move(*child);
  if (!eventually([&] { return fs::exists(port_file) || !process_alive(child_->pid()); }) || !fs::exists(port_file))
    throw std::runtime_error("the daemon did not come up");
  port_ = read_file(port_file);
  while (!port_.empty() && port_.back() == '\n') port_.pop_back();
}

Daemon::~Daemon() {
  if (exited_) return;
  signal(SIGKILL);
  wait_exit();
}

common::HttpResponse Daemon::call(common::HttpRequest request) {
  auto response = run(loop_, exchange(port_, std::move(request)));
  if (!response) return {.head = {.status = 0}, .body = response.error().message()};
  return std::move(*response);
}

common::HttpResponse Daemon::post(const std::string& path, const Json& body) {
  return call({.method = "POST", .target = path, .fields = {{"Content-Type", "application/json"}}, .body = common::dump_json(body)});
}

common::HttpResponse Daemon::chat(const std::string& model, const std::string& text) { return call(chat_request(model, text, false)); }

std::unique_ptr<Stream> Daemon::stream(const std::string& model, const std::string& text) { return open(chat_request(model, text, true)); }

std::unique_ptr<Stream> Daemon::open(common::HttpRequest request) {
  auto opened = run(loop_, open_stream(loop_, port_, std::move(request)));
  if (!opened) throw std::runtime_error(opened.error().message());
  return std::move(*opened);
}

bool Daemon::until(const std::function<bool(const Json&)>& holds) {
  return eventually([&] { return holds(status()); });
}

std::vector<pid_t> Daemon::workers() const {
  auto found = children();
  std::erase_if(found, [](pid_t pid) { return is_guard(pid) || !has_model(pid); });
  return found;
}

std::vector<pid_t> Daemon::spares() const {
  auto found = children();
  std::erase_if(found, [](pid_t pid) { return is_guard(pid) || has_model(pid); });
  return found;
}

std::optional<pid_t> Daemon::guard() const {
  const auto all = children();
  const auto found = std::ranges::find_if(all, is_guard);
  return found == all.end() ? std::nullopt : std::optional(*found);
}

std::vector<pid_t> Daemon::children() const {
  std::vector<pid_t> found;
  for (const common::ProcessEntry& process : common::all_processes()) {
    if (process.parent == child_->pid() && !process.ended()) found.push_back(process.pid);
  }
  return found;
}

std::size_t Daemon::zombies() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      common::all_processes(), [&](const common::ProcessEntry& each) { return each.parent == child_->pid() && each.ended(); }));
}

std::vector<pid_t> Daemon::marked() const {
  const std::string instance = std::to_string(child_->pid()) + "-";
  std::vector<pid_t> found;
  for (const common::ProcessEntry& process : common::all_processes()) {
    auto named = common::find_variable(common::read_environment(process.pid), "PERCH_INSTANCE");
    const bool spare = process.parent == child_->pid() && !has_model(process.pid);
    if (!process.ended() && !spare && named && named->starts_with(instance)) found.push_back(process.pid);
  }
  return found;
}

void Daemon::signal(int signal) { ::kill(child_->pid(), signal); }

common::ExitStatus Daemon::wait_exit() {
  exited_ = true;
  return run(loop_, child_->wait());
}

std::string content_of(const std::string& events) {
  std::string content;
  std::size_t at = 0;
  while ((at = events.find("data: {", at)) != std::string::npos) {
    auto event = common::parse_json(std::string_view(events).substr(at + 6, events.find('\n', at) - at - 6));
    ++at;
    if (!event || !event->contains("choices") || (*event)["choices"].empty()) continue;
    const Json& delta = (*event)["choices"][0]["delta"];
    if (delta.contains("content") && delta["content"].is_string()) content += delta["content"].get<std::string>();
  }
  return content;
}

}  // namespace tests
