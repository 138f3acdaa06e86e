// A worker without a model: speaks the control protocol and answers completions with countable tokens, and misbehaves as told.
//
// The "model file" is a script of how to behave, so each model of a test's registry behaves in its own way. All keys are optional:
//   loading    "purpose": "generation" (or "embedding", as it says when it is ready), "load_ms": 0, "exit_at_load": 1, "leak_mb": 0 (memory
//              that it holds), "says": ["a line of its error output"], "stderr_flood_kib": 0,
//              "says_mib": 0 (what it says that its weights take), "prompt_cache_mib": 0 (prompts that it says it keeps),
//              "gpu_mib": 0 (that it says it takes of a device GPU0) of the "gpu_free_mib": 0 that it finds there (0: it has no device),
//              "stall_at": 0.37 (the last fraction that it tells of; 1: everything but that it is ready; -1: nothing at all)
//   answering  "slots": 4, "tokens": 20, "think_ms": 0 (before the first token; "head_first": the head is sent before that),
//              "token_ms": 0, "pad": 0 (bytes of white space after each token), "end_early_at": 5 (a stream's clean end, without [DONE])
//   crashing   "crash_at_token": 5, "crash_before_answer": false, "crash_at_probe": false, "poison": "text" (only requests that hold it
//              crash at that token)
//   leaving    "ignore_exit": false (nor SIGTERM), "leave_behind_ms": 60000 (a process that left its group, for so long),
//              "saved_sessions": 0 (that it says to have written, of 1000 bytes each; -1: it says nothing)
//   "log"      a file to which it appends "<monotonic ns> <pid> <what> <model> <request> <tokens>": load, ready, begin, end, exit
// Every token is "<request id>:<sequence> ", so loss, doubling and reordering can be proved by reading the answer.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancel_after.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <format>
#include <fstream>
#include <sstream>

#include "common/json.hpp"
#include "common/line_channel.hpp"
#include "common/process_name.hpp"
#include "common/worker_protocol.hpp"

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using common::Json;
using Socket = asio::local::stream_protocol::socket;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

struct Worker {
  explicit Worker(asio::io_context& loop) : control(loop.get_executor(), common::kControlDescriptor) {}

  template <class T>
  T script(const char* key, T otherwise) const {
    return behaviour.value(key, otherwise);
  }

  bool embeds() const { return script("purpose", std::string()) == "embedding"; }

  void note(const char* what, std::string_view request = "-", int tokens = 0) const {
    if (log < 0) return;
    const std::string line =
        std::format("{} {} {} {} {} {}\n", std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1), getpid(),
                    what, model, request.empty() ? "-" : request, tokens);
    [[maybe_unused]] auto written = ::write(log, line.data(), line.size());
  }

  common::LineChannel control;
  int log = -1;
  std::string model;
  std::vector<char> weights;
  Json behaviour = Json::object();
  bool ready = false;
  common::Beat beat;
};

asio::awaitable<void> pause(int milliseconds) {
  if (milliseconds <= 0) co_return;
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, std::chrono::milliseconds(milliseconds));
  co_await timer.async_wait(asio::use_awaitable);
}

void send(Worker& worker, common::FromWorker message) { worker.control.send_line(common::encode(message)); }

// A process with a session of its own and no parent, that does not care about SIGTERM.
void leave_behind(int milliseconds) {
  if (const pid_t between = fork()) {
    waitpid(between, nullptr, 0);
    return;
  }
  setsid();
  if (fork() == 0) {
    signal(SIGTERM, SIG_IGN);
    usleep(static_cast<useconds_t>(milliseconds) * 1000);
  }
  _exit(0);
}

// Lines, and after them one that never ends.
void flood_stderr(int kib) {
  const std::string line(1023, '!');
  for (int i = 0; i < kib; ++i) std::fprintf(stderr, i < kib / 2 ? "%s\n" : "%s", line.c_str());
}

std::vector<common::DeviceMemory> memory_of(const Worker& worker) {
  std::vector<common::DeviceMemory> memory{{"CPU", 1000 + (worker.script("says_mib", std::uint64_t{0}) << 20), 100, 10}};
  if (const auto mib = worker.script("gpu_mib", std::uint64_t{0})) memory.push_back({.device = "GPU0", .weights_bytes = mib << 20});
  return memory;
}

// It does not wait, and says what is missing.
common::Ready with_device(const Worker& worker, const common::DeviceRelease& release, common::Ready ready) {
  const auto free = worker.script("gpu_free_mib", std::uint64_t{0}) << 20;
  if (free == 0) return ready;
  ready.devices_before = {{"GPU0", free}};
  for (const common::DeviceFree& wanted : release.wanted)
    ready.device_wait.missing_bytes += wanted.free_bytes - std::min(wanted.free_bytes, free);
  return ready;
}

asio::awaitable<void> load(Worker& worker, common::Load order) {
  common::name_process("fake:" + order.model);
  std::ifstream file(order.path);
  std::ostringstream text;
  text << file.rdbuf();
  auto script = common::parse_json(text.str());
  if (!script || !script->is_object()) {
    send(worker, common::Fatal{65, "not a script: " + order.path});
    co_await pause(20);
    _exit(65);
  }
  worker.behaviour = *script;
  worker.model = order.model;
  if (const std::string log = worker.script("log", std::string()); !log.empty())
    worker.log = open(log.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  worker.note("load");
  if (worker.script("ignore_exit", false)) signal(SIGTERM, SIG_IGN);
  for (const std::string& line : worker.script("says", std::vector<std::string>())) std::fprintf(stderr, "%s\n", line.c_str());
  flood_stderr(worker.script("stderr_flood_kib", 0));
  worker.weights.assign(static_cast<std::size_t>(worker.script("leak_mb", 0)) << 20, 'w');
  if (const int left = worker.script("leave_behind_ms", 0)) leave_behind(left);
  const double stall_at = worker.script("stall_at", 2.0);
  constexpr int kSteps = 20;
  for (int step = 0; step <= kSteps; ++step) {
    const double fraction = static_cast<double>(step) / kSteps;
    if (fraction > stall_at) co_return;
    send(worker, common::Loading{"weights", fraction});
    co_await pause(worker.script("load_ms", 0) / kSteps);
  }
  if (stall_at <= 1) co_return;
  if (const int code = worker.script("exit_at_load", 0)) {
    send(worker, common::Fatal{code, "told to fail at load"});
    co_await pause(20);
    _exit(code);
  }
  worker.ready = true;
  worker.note("ready");
  common::Ready ready{.model = order.model,
                      .purpose = worker.embeds() ? common::Purpose::embedding : common::Purpose::generation,
                      .digest = "sha256:fake-" + order.model,
                      .architecture = "fake",
                      .quantization = "none",
                      .parameters = 1,
                      .active_parameters = 1,
                      .context_tokens = 4096,
                      .slots = static_cast<std::uint64_t>(worker.script("slots", 4)),
                      .memory = memory_of(worker)};
  send(worker, with_device(worker, order.release, std::move(ready)));
  worker.beat.prompt_cache_bytes = worker.script("prompt_cache_mib", std::uint64_t{0}) << 20;
  if (worker.beat.prompt_cache_bytes > 0) send(worker, worker.beat);
}

void shrink_caches(Worker& worker, const common::ShrinkCaches& order) {
  worker.beat.prompt_cache_bytes = std::min(worker.beat.prompt_cache_bytes, order.keep_bytes.value_or(worker.beat.prompt_cache_bytes));
  worker.note("shrink");
  send(worker, worker.beat);
}

void save(Worker& worker) {
  const int sessions = worker.script("saved_sessions", 0);
  if (sessions < 0) return;
  const auto count = static_cast<std::uint64_t>(sessions);
  send(worker, common::Saved{.sessions = count, .bytes = 1000 * count});
}

asio::awaitable<void> follow_control(Worker& worker) {
  while (true) {
    auto line = co_await worker.control.read_line();
    if (!line) _exit(0);
    auto order = common::decode_to_worker(*line);
    if (!order) _exit(70);
    auto executor = co_await asio::this_coro::executor;
    if (auto* wanted = std::get_if<common::Load>(&*order)) asio::co_spawn(executor, load(worker, std::move(*wanted)), asio::detached);
    if (std::holds_alternative<common::SaveSessions>(*order)) save(worker);
    if (auto* shrink = std::get_if<common::ShrinkCaches>(&*order)) shrink_caches(worker, *shrink);
    if (std::holds_alternative<common::Exit>(*order) && !worker.script("ignore_exit", false)) {
      worker.note("exit");
      _exit(0);
    }
  }
}

// Every second while it works, as the protocol wants it; once it does not, whoever was answered last says so.
asio::awaitable<void> beat(Worker& worker) {
  while (true) {
    co_await pause(1000);
    if (worker.beat.slots_busy > 0) send(worker, worker.beat);
  }
}

std::string chunk_event(const Worker& worker, const std::string& id, Json delta, Json finish) {
  Json event{{"id", id},
             {"object", "chat.completion.chunk"},
             {"created", 1},
             {"model", worker.model},
             {"choices", Json::array({Json{{"index", 0}, {"delta", std::move(delta)}, {"finish_reason", std::move(finish)}}})}};
  return "data: " + common::dump_json(event) + "\n\n";
}

std::string infill_event(std::string content, bool stop) {
  return "data: " + common::dump_json(Json{{"index", 0}, {"content", std::move(content)}, {"stop", stop}}) + "\n\n";
}

std::string chunk(std::string_view bytes) {
  std::ostringstream framed;
  framed << std::hex << bytes.size() << "\r\n" << bytes << "\r\n";
  return framed.str();
}

// False when the client has gone.
asio::awaitable<bool> write(Socket& socket, std::string text) {
  auto buffer = asio::buffer(text);
  auto [ec, n] = co_await asio::async_write(socket, buffer, kAwait);
  co_return !ec;
}

// Time that computing takes. False when the client has gone, which ends it; with FAKE_WORKER_DEAF in the environment it never does.
asio::awaitable<bool> compute(Socket& socket, int milliseconds) {
  static const bool deaf = std::getenv("FAKE_WORKER_DEAF");
  if (deaf) co_await pause(milliseconds);
  if (deaf || milliseconds <= 0) co_return true;
  auto token = asio::cancel_after(std::chrono::milliseconds(milliseconds), kAwait);
  auto [ec] = co_await socket.async_wait(Socket::wait_read, token);
  co_return ec == asio::error::operation_aborted;
}

// What is asked for: as much of the script as concerns one request.
struct Question {
  std::string id;
  int think_ms;
  int tokens;
  int crash_at;
  bool infill;  // as llama-server's streams are that are not OpenAI's
};

Question question(const Worker& worker, std::string_view path, std::string id, const std::string& text, const Json& body) {
  const std::string poison = worker.script("poison", std::string());
  const bool crashes = poison.empty() ? worker.behaviour.contains("crash_at_token") : text.contains(poison);
  const int tokens = worker.script("tokens", 20);
  const bool probed = id.empty();
  return {.id = std::move(id),
          .think_ms = probed ? 0 : worker.script("think_ms", 0),
          .tokens = std::min(tokens, body.value("max_tokens", tokens)),
          .crash_at = crashes && !probed ? worker.script("crash_at_token", 0) : -1,
          .infill = path == "/infill"};
}

// The next token, if the client is still there.
std::string next_token(Worker& worker, const Question& asked, int i) {
  if (i == asked.crash_at) raise(SIGKILL);
  ++worker.beat.tokens_total;
  return asked.id + ":" + std::to_string(i) + " " + std::string(static_cast<std::size_t>(worker.script("pad", 0)), ' ');
}

asio::awaitable<bool> answer_stream(Worker& worker, Socket& socket, const Question& asked, int& made) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  const bool head_first = worker.script("head_first", false);
  bool there = true;
  if (head_first) there = co_await write(socket, head);
  if (there) there = co_await compute(socket, asked.think_ms);
  if (there && !head_first) there = co_await write(socket, head);
  for (made = 0; there && made < asked.tokens; ++made) {
    if (made == worker.script("end_early_at", -1)) {
      there = co_await write(socket, "0\r\n\r\n");
      co_return there;
    }
    std::string token = next_token(worker, asked, made);
    Json delta{{"content", token}};
    if (made == 0) delta["role"] = "assistant";
    there = co_await write(socket, chunk(asked.infill ? infill_event(std::move(token), false) : chunk_event(worker, asked.id, std::move(delta), nullptr)));
    if (there) there = co_await compute(socket, worker.script("token_ms", 0));
  }
  const std::string end = asked.infill ? infill_event("", true) : chunk_event(worker, asked.id, Json::object(), "stop") + "data: [DONE]\n\n";
  if (there) there = co_await write(socket, chunk(end) + "0\r\n\r\n");
  co_return there;
}

asio::awaitable<bool> answer_whole(Worker& worker, Socket& socket, const Question& asked, int& made) {
  std::string text;
  bool there = co_await compute(socket, asked.think_ms);
  for (made = 0; there && made < asked.tokens; ++made) {
    text += next_token(worker, asked, made);
    there = co_await compute(socket, worker.script("token_ms", 0));
  }
  if (!there) co_return false;
  Json message{{"role", "assistant"}, {"content", text}, {"refusal", nullptr}};
  Json body{
      {"id", asked.id},
      {"object", "chat.completion"},
      {"created", 1},
      {"model", worker.model},
      {"choices", Json::array({Json{{"index", 0}, {"message", std::move(message)}, {"logprobs", nullptr}, {"finish_reason", "stop"}}})},
      {"usage", {{"prompt_tokens", 1}, {"completion_tokens", asked.tokens}, {"total_tokens", asked.tokens + 1}}}};
  if (worker.embeds()) body["data"] = {{{"index", 0}, {"embedding", {1.0}}}};  // what a probe of such a model looks for
  std::string json = common::dump_json(body);
  std::string whole =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(json.size()) + "\r\n\r\n" + json;
  co_return co_await write(socket, std::move(whole));
}

asio::awaitable<void> serve(Worker& worker, Socket socket) {
  boost::beast::flat_buffer buffer;
  while (true) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(boost::none);  // the daemon's is enough
    auto [ec, n] = co_await http::async_read(socket, buffer, parser, kAwait);
    if (ec) co_return;
    const auto& request = parser.get();
    auto body = common::parse_json(request.body());
    if (worker.script("crash_before_answer", false) && request.count("X-Request-Id") > 0) raise(SIGKILL);  // a probe has none
    if (worker.script("crash_at_probe", false)) raise(SIGKILL);
    const bool named_right = body && body->is_object() && body->value("model", worker.model) == worker.model;
    if (!worker.ready || !named_right) {
      std::string refused = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
      bool there = co_await write(socket, std::move(refused));
      if (!there) co_return;
      continue;
    }
    const Question asked = question(worker, request.target(), std::string(request["X-Request-Id"]), request.body(), *body);
    ++worker.beat.slots_busy;
    worker.note("begin", asked.id);
    bool there = false;
    int made = 0;
    if (body->value("stream", false)) there = co_await answer_stream(worker, socket, asked, made);
    else there = co_await answer_whole(worker, socket, asked, made);
    worker.note("end", asked.id, made);
    if (--worker.beat.slots_busy == 0) send(worker, worker.beat);
    if (!there) co_return;
  }
}

asio::awaitable<void> accept(Worker& worker) {
  auto executor = co_await asio::this_coro::executor;
  asio::local::stream_protocol::acceptor acceptor(executor, asio::local::stream_protocol(), common::kDataDescriptor);
  while (true) {
    Socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    asio::co_spawn(executor, serve(worker, std::move(socket)), asio::detached);
  }
}

}  // namespace

int main() {
  signal(SIGINT, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  asio::io_context loop(1);
  Worker worker(loop);
  send(worker, common::Hello{.pid = getpid(), .build = "fake", .engine = "none"});
  asio::co_spawn(loop, follow_control(worker), asio::detached);
  asio::co_spawn(loop, accept(worker), asio::detached);
  asio::co_spawn(loop, beat(worker), asio::detached);
  loop.run();
}
