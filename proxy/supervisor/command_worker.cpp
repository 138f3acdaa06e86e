#include "proxy/supervisor/command_worker.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <deque>
#include <format>
#include <list>
#include <optional>
#include <set>

#include "common/artifact_digest.hpp"
#include "common/http_client.hpp"
#include "common/log.hpp"
#include "common/memory_status.hpp"
#include "common/overloaded.hpp"
#include "common/own_work.hpp"
#include "common/proc_file.hpp"
#include "common/task_group.hpp"
#include "common/tcp_listeners.hpp"
#include "common/worker_defaults.hpp"
#include "proxy/supervisor/probe.hpp"
#include "proxy/supervisor/program_finder.hpp"
#include "proxy/supervisor/signs_of_work.hpp"

namespace proxy::supervisor {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace asio::experimental::awaitable_operators;
using common::ErrorKind;
using common::fail;
using common::Result;
using common::WorkerExit;
using std::chrono::milliseconds;

namespace {

constexpr const char* kLoopback = "127.0.0.1";
constexpr auto kFirstAsk = milliseconds(20), kUsualAsk = milliseconds(100);
constexpr auto kAnswerWithin = milliseconds(5'000);  // of a server that is asked whether it is ready
constexpr auto kLookWhileLoading = milliseconds(100), kSlowestLook = milliseconds(1'000);
constexpr auto kLookWhileServing = milliseconds(500);
constexpr int kLookShare = 10;  // looking, which goes through /proc, takes no more than one part in so many of the time
constexpr auto kLastWords = milliseconds(100);
constexpr int kSeenStrangers = 3;  // in a row: the holder of a socket may end between two looks
constexpr double kAlmostAll = 0.99;

asio::awaitable<void> pause(common::Duration duration) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, duration);
  co_await timer.async_wait(asio::use_awaitable);
}

// How long to wait until the next look, after one that began then.
common::Duration paced(common::TimePoint began, common::Duration usual) {
  return std::clamp<common::Duration>(kLookShare * (std::chrono::steady_clock::now() - began), usual, kSlowestLook);
}

// The status that a GET is answered with; 0: it is not.
asio::awaitable<unsigned> status_of(common::ServerAddress address, std::string path) {
  auto client = co_await common::HttpClient::connect(std::move(address));
  if (!client) co_return 0;
  common::HttpRequest request{.target = std::move(path)};
  auto sent = co_await client->send(std::move(request));
  if (!sent) co_return 0;
  auto head = co_await client->read_head();
  co_return head ? head->status : 0;
}

// Whole "NAME=value" entries; of two with one name the later counts, which execve(2) leaves to the program.
void set_variable(std::vector<std::string>& environment, const std::string& name, const std::string& value) {
  std::erase_if(environment, [&](const std::string& entry) { return entry.starts_with(name + "="); });
  environment.push_back(name + "=" + value);
}

std::vector<std::string> filled_in(const std::vector<std::string>& words, const std::map<std::string, std::string>& values) {
  std::vector<std::string> filled;
  for (const std::string& word : words) filled.push_back(common::fill_in(word, values));
  return filled;
}

std::string digest_of(const common::CommandLine& line) {
  std::vector<std::string> words = line.arguments;
  for (const auto& [name, value] : line.environment) words.push_back(name + "=" + value);
  return common::words_digest(words);
}

}  // namespace

// What its tasks share with it and may still hold when it is gone.
struct CommandWorker::Life {
  explicit Life(asio::any_io_executor executor) : said(executor, asio::steady_timer::time_point::max()) {}

  bool gone() const { return over || ended; }

  bool over = false;   // the CommandWorker is no more
  bool ended = false;  // its process has, and nothing more will be said
  std::deque<common::FromWorker> outbox;
  asio::steady_timer said;  // never expires: cancelled to wake receive()
  std::list<asio::cancellation_signal> tasks;
};

Result<CommandWorker::Place> CommandWorker::place_for(const CommandServer& server, const fs::path& socket, const WorkerMark& mark) {
  Place place{.environment = environment_for(mark)};
  if (std::ranges::contains(common::placeholders_in(server.line), common::kSocketPlaceholder)) {
    place.socket = socket.string();
    place.address = common::UnixAddress{place.socket};
    place.values[common::kSocketPlaceholder] = place.socket;
  } else {
    auto port = common::free_loopback_port();
    if (!port) return fail(port.error());
    place.address = common::TcpAddress{.host = kLoopback, .port = *port};
    place.values[common::kPortPlaceholder] = std::to_string(*port);
  }
  if (!server.artifact.empty()) place.values[common::kModelPlaceholder] = server.artifact.string();
  for (const std::string& name : server.line.pass_environment) {
    if (const char* value = std::getenv(name.c_str())) set_variable(place.environment, name, value);
  }
  for (const auto& [name, value] : server.line.environment)
    set_variable(place.environment, name, common::fill_in(value, place.values));
  return place;
}

asio::awaitable<Result<void>> CommandWorker::reach(std::shared_ptr<ProgramFinder> programs, CommandServer server, WorkerMark mark) {
  auto place = place_for(server, {}, mark);
  if (!place) co_return fail(place.error());
  std::vector<std::string> words = filled_in(server.line.arguments, place->values);
  auto finding = programs->find(words.front(), place->environment);
  auto found = co_await std::move(finding);
  if (!found) co_return fail(found.error());
  co_return Result<void>();
}

Result<std::unique_ptr<LaunchedWorker>> CommandWorker::start(asio::any_io_executor executor, const std::string& model,
                                                             const CommandServer& server, const fs::path& socket, WorkerMark mark,
                                                             WorkerHouse house) {
  auto place = place_for(server, socket, mark);
  if (!place) return fail(place.error());
  std::vector<std::string> words = filled_in(server.line.arguments, place->values);
  auto program = find_program(words.front(), place->environment);
  if (!program) return fail(program.error());
  words.erase(words.begin());
  auto pipe = ErrorOutput::make_pipe(executor, model);
  if (!pipe) return fail(pipe.error());
  pipe->output->is_foreign();
  auto child = common::ChildProcess::spawn(executor, {.program = *program,
                                                      .arguments = std::move(words),
                                                      .environment = place->environment,
                                                      .error_output = pipe->write_end.get(),
                                                      .limits = worker_limits(),
                                                      .cgroup = house.cgroups->make(mark.number)});
  if (!child) return fail(child.error());
  std::unique_ptr<CommandWorker> worker(new CommandWorker(executor, model, server, std::move(*place), std::move(*child),
                                                          std::move(pipe->output), std::move(mark), std::move(house)));
  worker->assign(model);
  worker->say(common::Hello{.pid = worker->pid(), .build = program->filename().string(), .engine = "command"});
  return worker;
}

CommandWorker::CommandWorker(asio::any_io_executor executor, std::string model, CommandServer server, Place place,
                             common::ChildProcess child, std::shared_ptr<ErrorOutput> output, WorkerMark mark, WorkerHouse house)
    : WorkerProcess(std::move(child), std::move(output), std::move(mark), place.socket, std::move(house)),
      executor_(executor),
      model_(std::move(model)),
      server_(std::move(server)),
      place_(std::move(place)),
      life_(std::make_shared<Life>(executor)) {}

CommandWorker::~CommandWorker() {
  life_->over = true;
  for (auto it = life_->tasks.begin(); it != life_->tasks.end();) {
    auto current = it++;  // a task that ends erases its signal
    current->emit(asio::cancellation_type::terminal);
  }
}

const std::string& CommandWorker::served_name() const {
  return server_.line.served_model_name.empty() ? model_ : server_.line.served_model_name;
}

void CommandWorker::begin(asio::awaitable<void> task) {
  auto signal = life_->tasks.emplace(life_->tasks.end());
  auto on_end = [life = life_, signal, model = model_](std::exception_ptr failure) {
    life->tasks.erase(signal);
    common::log_end("the worker for " + model, failure);
  };
  asio::co_spawn(executor_, std::move(task), asio::bind_cancellation_slot(signal->slot(), std::move(on_end)));
}

// --- what it says ---

void CommandWorker::say(common::FromWorker message) {
  life_->outbox.push_back(std::move(message));
  life_->said.cancel();
}

asio::awaitable<Result<common::FromWorker>> CommandWorker::receive() {
  auto life = life_;
  while (life->outbox.empty()) {
    if (life->ended) co_return fail(ErrorKind::io, "it has ended");
    co_await life->said.async_wait(asio::as_tuple(asio::use_awaitable));
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) throw boost::system::system_error(asio::error::operation_aborted);
  }
  common::FromWorker message = std::move(life->outbox.front());
  life->outbox.pop_front();
  co_return message;
}

asio::awaitable<common::ExitStatus> CommandWorker::wait_exit() {
  auto life = life_;
  auto ending = WorkerProcess::wait_exit();
  const common::ExitStatus status = co_await std::move(ending);
  // Its error output says why, and is read beside this. A descendant may hold it open.
  auto reading = output()->closed();
  auto waiting = pause(kLastWords);
  co_await (std::move(reading) || std::move(waiting));
  life->ended = true;
  life->said.cancel();
  co_return status;
}

// --- what it is told ---

void CommandWorker::send(common::ToWorker message) {
  std::visit(common::Overloaded{
                 [&](const common::Load& order) { load(order); },
                 [&](const common::SaveSessions&) { say(common::Saved{}); },
                 [&](const common::Exit&) { stop(); },
                 [](const common::CancelLoad&) {},       // it is told to exit instead
                 [](const common::RestoreSessions&) {},  // there are none
                 [](const common::ShrinkCaches&) {},     // what it keeps is its own affair
             },
             message);
}

void CommandWorker::load(const common::Load& order) {
  order_ = order;
  begin(bring_up(life_));
  begin(watch_load(life_));
}

void CommandWorker::stop() {
  if (reaped()) return;
  if (server_.line.stop.empty()) return signal(SIGTERM);
  begin(run_stop(life_));
}

Result<common::ChildProcess> CommandWorker::start_stopper(const Result<fs::path>& program, std::vector<std::string> arguments) {
  if (!program) return fail(program.error());
  auto pipe = ErrorOutput::make_pipe(executor_, model_);
  if (!pipe) return fail(pipe.error());
  pipe->output->is_foreign();
  return common::ChildProcess::spawn(executor_, {.program = *program,
                                                 .arguments = std::move(arguments),
                                                 .environment = place_.environment,
                                                 .error_output = pipe->write_end.get()});
}

asio::awaitable<void> CommandWorker::run_stop(Alive life) {
  if (life->gone()) co_return;
  place_.values[common::kPidPlaceholder] = std::to_string(pid());
  std::vector<std::string> words = filled_in(server_.line.stop, place_.values);
  auto finding = house().programs->find(words.front(), place_.environment);
  auto program = co_await std::move(finding);
  if (life->gone() || reaped()) co_return;
  words.erase(words.begin());
  auto stopper = start_stopper(program, std::move(words));
  if (!stopper) {
    common::log::warn("{}: its stop command cannot be started, so it gets SIGTERM: {}", model_, stopper.error().message());
    signal(SIGTERM);
    co_return;
  }
  const common::ExitStatus status = co_await stopper->wait();
  if (life->gone() || reaped() || status.clean()) co_return;
  common::log::warn("{}: its stop command has failed ({}), so it gets SIGTERM", model_, common::describe(status));
  signal(SIGTERM);
}

// --- how it comes up ---

void CommandWorker::give_up(WorkerExit code, std::string why) {
  say(common::Fatal{.code = static_cast<int>(code), .message = std::move(why)});
  if (!reaped()) signal(SIGKILL);
}

asio::awaitable<void> CommandWorker::bring_up(Alive life) {
  if (life->gone()) co_return;  // tasks begin a moment after they were begun
  std::optional<common::OwnWork<std::string>> digesting;  // a disk that hangs keeps the thread
  if (!server_.files.empty()) digesting.emplace([files = server_.files] { return common::artifact_digest(files); });
  int strangers = 0;
  unsigned told = 0;
  for (auto usual = kFirstAsk;; usual = std::min(2 * usual, kUsualAsk)) {
    const auto began = std::chrono::steady_clock::now();
    const Listening who = listening();
    const common::Duration wait = paced(began, usual);
    strangers = who == Listening::stranger ? strangers + 1 : 0;
    if (strangers == kSeenStrangers) co_return give_up(WorkerExit::internal, stranger());
    if (who == Listening::itself) {
      if (server_.line.ready_path.empty()) break;
      auto asking = status_of(place_.address, server_.line.ready_path);
      auto waiting = pause(kAnswerWithin);
      auto first = co_await (std::move(asking) || std::move(waiting));
      if (life->gone()) co_return;
      const unsigned status = first.index() == 0 ? std::get<0>(first) : 0;
      if (status == 200) break;
      if (status >= 400 && status < 500 && std::exchange(told, status) != status)
        common::log::warn("{}: asked whether it is ready, it answers {} at {}: is its ready_path right?", model_, status,
                          server_.line.ready_path);
    }
    co_await pause(wait);
    if (life->gone()) co_return;
  }
  Result<std::string> digest = digest_of(server_.line);  // where it serves no files that are known
  if (digesting) {
    auto waiting = digesting->outcome();
    digest = co_await std::move(waiting);
    if (life->gone()) co_return;
  }
  if (!digest) {
    const bool is_bad = digest.error().kind() == ErrorKind::bad_model_file;
    co_return give_up(is_bad ? WorkerExit::bad_model_file : WorkerExit::io, digest.error().message());
  }
  ready_ = true;
  say(common::Ready{.model = model_,
                    .purpose = server_.purpose,
                    .digest = *std::move(digest),
                    .context_tokens = order_.context_tokens,
                    .slots = order_.parallel == 0 ? common::kDefaultSlots : order_.parallel,
                    .memory = {memory()}});
}

asio::awaitable<void> CommandWorker::watch_load(Alive life) {
  if (life->gone()) co_return;
  SignsOfWork signs(kLoadingRules);
  while (!ready_) {
    const auto began = std::chrono::steady_clock::now();
    const common::ProcessWork so_far = work();
    if (signs.look(so_far, began)) say(common::Loading{.stage = "weights", .fraction = fraction_of(so_far)});
    const common::Duration wait = paced(began, kLookWhileLoading);
    co_await pause(wait);
    if (life->gone()) co_return;
  }
}

// Of what it is expected to hold, as far as that is known.
double CommandWorker::fraction_of(const common::ProcessWork& so_far) {
  if (server_.expected_bytes == 0) return fraction_;
  const double held = static_cast<double>(so_far.resident_bytes) / static_cast<double>(server_.expected_bytes);
  return fraction_ = std::max(fraction_, std::min(held, kAlmostAll));
}

common::ProcessWork CommandWorker::work() const {
  common::ProcessWork sum;
  for (pid_t process : processes()) sum += common::work_of(process);
  return sum;
}

// What it has of main memory; what other devices hold for it is not seen from here. Its processes share the files that they map, so of
// those counts the one that has most of them.
common::DeviceMemory CommandWorker::memory() const {
  std::uint64_t own = 0, mapped = 0;
  for (pid_t process : processes()) {
    const std::uint64_t of_its_own = common::own_bytes(process), resident = common::work_of(process).resident_bytes;
    own += of_its_own;
    mapped = std::max(mapped, resident - std::min(resident, of_its_own));
  }
  return {.device = "CPU", .weights_bytes = own + mapped, .mapped_bytes = mapped};
}

// A Unix socket is in a folder that only we may enter.
CommandWorker::Listening CommandWorker::listening() const {
  auto* port = std::get_if<common::TcpAddress>(&place_.address);
  std::error_code no_file;
  if (!port) return fs::is_socket(place_.socket, no_file) ? Listening::itself : Listening::nobody;
  const std::vector<common::SocketInode> sockets = common::listeners_at(port->port);
  if (sockets.empty()) return Listening::nobody;
  std::set<common::SocketInode> own;
  for (pid_t process : processes()) own.merge(common::sockets_of(process));
  return std::ranges::all_of(sockets, [&](common::SocketInode socket) { return own.contains(socket); }) ? Listening::itself
                                                                                                         : Listening::stranger;
}

std::string CommandWorker::stranger() const {
  const std::uint16_t port = std::get<common::TcpAddress>(place_.address).port;
  std::string who = "a process that may not be looked at";
  for (common::SocketInode socket : common::listeners_at(port)) {
    auto holder = common::holder_of(socket);
    if (!holder || std::ranges::contains(processes(), *holder)) continue;
    std::string name = common::read_proc_file(std::format("/proc/{}/comm", *holder));
    if (name.ends_with('\n')) name.pop_back();
    who = std::format("process {} ({})", *holder, name);
  }
  return std::format("port {}, which it was given, is listened on by {}, which it has not started", port, who);
}

asio::awaitable<Result<void>> CommandWorker::probe() {
  if (listening() == Listening::stranger) co_return fail(ErrorKind::load_failed, stranger());
  auto asking = probe_server(place_.address, served_name(), server_.purpose);
  auto answered = co_await std::move(asking);
  co_return answered;
}

// --- while it serves ---

void CommandWorker::serves(const Serving& serving) {
  serving_ = serving;
  if (serving_.requests > 0 && !std::exchange(requests_watched_, true)) begin(watch_requests(life_));
}

// For longer than the registry allows.
bool CommandWorker::is_silent(common::TimePoint now) const {
  const auto limit = server_.line.answer_timeout;
  return limit.count() > 0 && serving_.silent_since && now - *serving_.silent_since >= limit;
}

asio::awaitable<void> CommandWorker::watch_requests(Alive life) {
  if (life->gone()) co_return;
  SignsOfWork signs(kServingRules);
  while (serving_.requests > 0) {
    const auto now = std::chrono::steady_clock::now();
    if (is_silent(now))
      co_return give_up(WorkerExit::internal,
                        std::format("with {} requests, no byte of any answer came for {:.1f} s (its answer_timeout)", serving_.requests,
                                    std::chrono::duration<double>(server_.line.answer_timeout).count()));
    if (signs.look(work(), now)) ++beat_.work_total;
    beat_.slots_busy = serving_.requests;
    say(beat_);
    co_await pause(kLookWhileServing);
    if (life->gone()) co_return;
  }
  requests_watched_ = false;
  beat_.slots_busy = 0;
  say(beat_);
}

}  // namespace proxy::supervisor
