#include "tests/worker/process/worker_process.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace worker {
namespace {

using common::Descriptor;

Descriptor listen_at(const std::string& path) {
  Descriptor listening(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  if (bind(listening.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listening.get(), 64) != 0) {
    throw std::runtime_error("cannot listen at " + path);
  }
  return listening;
}

// The sanitizers' settings must reach the worker too. By itself ThreadSanitizer sleeps for a second at the end of a process.
std::vector<std::string> environment() {
  std::vector<std::string> kept;
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "PATH"}) {
    if (const char* value = std::getenv(name)) kept.push_back(std::string(name) + "=" + value);
  }
  const char* tsan = std::getenv("TSAN_OPTIONS");
  kept.push_back(std::string("TSAN_OPTIONS=atexit_sleep_ms=0:") + (tsan ? tsan : ""));
  return kept;
}

}  // namespace

WorkerProcess::WorkerProcess(tests::LoopRunner& runner, std::vector<std::string> arguments) : runner_(runner) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) throw std::runtime_error("socketpair failed");
  Descriptor theirs(pair[1]);
  control_.emplace(runner.loop().get_executor(), pair[0]);
  Descriptor listening = listen_at(data_socket());
  arguments.insert(arguments.end(), {"--threads", "1"});
  auto child = common::ChildProcess::spawn(runner.loop().get_executor(), {.program = PERCH_WORKER,
                                                                          .arguments = std::move(arguments),
                                                                          .environment = environment(),
                                                                          .passed = {theirs.get(), listening.get()}});
  if (!child) throw std::runtime_error(child.error().message());
  child_.emplace(std::move(*child));
}

void WorkerProcess::send(const common::ToWorker& message) { control_->send_line(common::encode(message)); }

common::FromWorker WorkerProcess::next() {
  auto line = runner_.run(control_->read_line());
  if (!line) throw std::runtime_error("the worker hung up: " + line.error().message());
  auto message = common::decode_from_worker(*line);
  if (!message) throw std::runtime_error(message.error().message());
  return *message;
}

common::Ready WorkerProcess::bring_up(common::Load load) {
  next_of<common::Hello>();
  send(std::move(load));
  return next_of<common::Ready>();
}

common::HttpClient WorkerProcess::connect() {
  auto client = runner_.run(common::HttpClient::connect_unix(data_socket()));
  if (!client) throw std::runtime_error(client.error().message());
  return std::move(*client);
}

common::HttpResponse WorkerProcess::call(std::string method, std::string target, std::string body) {
  auto client = connect();
  auto response = runner_.run(client.exchange({.method = std::move(method), .target = std::move(target), .body = std::move(body)}));
  if (!response) throw std::runtime_error(response.error().message());
  return std::move(*response);
}

common::Json WorkerProcess::json(std::string method, std::string target, std::string body) {
  return common::parse_json(call(std::move(method), std::move(target), std::move(body)).body).value();
}

}  // namespace worker
