#include "proxy/supervisor/attendant.hpp"

#include <signal.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "common/log.hpp"

namespace proxy::supervisor {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

namespace {

constexpr auto kFirstLook = std::chrono::milliseconds(5);
constexpr auto kLastWords = std::chrono::milliseconds(200);  // at most: a descendant may hold the channel open
constexpr auto kSlowestLook = std::chrono::milliseconds(200);
constexpr auto kLookWhileLoading = std::chrono::milliseconds(250);  // progress may come in thousands

}  // namespace

Attendant::Attendant(asio::any_io_executor executor, common::Clock& clock, Launcher& launcher, std::string model, Report report,
                     Bytes held_by_others)
    : executor_(executor),
      clock_(clock),
      launcher_(launcher),
      model_(std::move(model)),
      report_(std::move(report)),
      held_by_others_(std::move(held_by_others)),
      tasks_(executor, "attendant") {}

Attendant::~Attendant() = default;

void Attendant::carry_out(Order order, int run, const Messages& messages) {
  if (order == Order::spawn) return spawn(run, messages.command);
  if (!worker_) return give_up_start(run);
  switch (order) {
    case Order::spawn: break;
    case Order::send_load: worker_->send(messages.load); break;
    case Order::send_save: worker_->send(messages.save); break;
    case Order::send_exit:
      report_holdings(worker_, run);
      worker_->send(common::Exit{});
      break;
    case Order::probe: tasks_.spawn(probe(worker_, run)); break;
    case Order::abort:
      report_holdings(worker_, run);
      worker_->signal(SIGABRT);
      break;
    case Order::kill:
      common::log::warn("{}: killing worker {} and its process group", model_, worker_->pid());
      report_holdings(worker_, run);
      worker_->signal(SIGKILL);
      break;
    case Order::kill_survivors: worker_->kill_survivors(); break;
    case Order::collect: tasks_.spawn(collect(worker_, run)); break;
  }
}

void Attendant::spawn(int run, const std::optional<CommandServer>& command) {
  if (!command) return started(run, launcher_.launch(model_));
  starting_ = run;
  tasks_.spawn(spawn_command(run, *command));
}

asio::awaitable<void> Attendant::spawn_command(int run, CommandServer server) {
  auto reaching = launcher_.reach(server);
  auto reached = co_await std::move(reaching);
  if (starting_ != run) co_return;
  starting_ = 0;
  if (!reached) co_return report_(run, NotSpawned{reached.error()});
  started(run, launcher_.launch_command(model_, server));
}

// What it is told then, be it to leave or to die, means that it is not to be started any more.
void Attendant::give_up_start(int run) {
  if (starting_ != run) return;
  starting_ = 0;
  report_(run, NotSpawned{common::Error(common::ErrorKind::timeout, "its program had not been read by then")});
}

void Attendant::started(int run, common::Result<std::unique_ptr<LaunchedWorker>> launched) {
  if (!launched) return report_(run, NotSpawned{launched.error()});
  worker_ = std::move(*launched);
  run_ = run;
  data_address_ = worker_->data_address();
  common::log::info("{}: worker {} started", model_, worker_->pid());
  report_(run, Spawned{worker_->pid()});
  auto silence = std::make_shared<common::OneShot<bool>>(executor_);
  tasks_.spawn(follow(worker_, run, silence));
  tasks_.spawn(await_exit(worker_, run, silence));
}

void Attendant::shrink_caches(int run, std::optional<std::uint64_t> keep_bytes) {
  if (worker_ && run == run_) worker_->send(common::ShrinkCaches{keep_bytes});
}

void Attendant::serves(const Serving& serving) {
  if (worker_) worker_->serves(serving);
}

void Attendant::forget() {
  worker_.reset();
  data_address_ = {};
}

asio::awaitable<void> Attendant::shut_down() {
  tasks_.cancel();
  co_await tasks_.join();
}

void Attendant::report_holdings(const Worker& worker, int run) {
  report_(run, Holds{.own_bytes = worker->own_bytes(), .available_bytes = available_bytes()});
}

std::uint64_t Attendant::available_bytes() const {
  const std::uint64_t available = launcher_.available_bytes();
  return available == 0 ? 0 : available + held_by_others_();
}

asio::awaitable<void> Attendant::follow(Worker worker, int run, Silence silence) {
  common::TimePoint next_look = clock_.now();
  while (true) {
    auto message = co_await worker->receive();
    if (worker != worker_) co_return;
    if (!message) {
      silence->set(true);
      report_(run, HungUp{});
      co_return;
    }
    // A crash comes unannounced: what it held then is what it held at its latest sign of life. One that has saved is told to leave next,
    // and looked at for that.
    const bool may_go_without = std::holds_alternative<common::Loading>(*message) || std::holds_alternative<common::Saved>(*message);
    if (!may_go_without || clock_.now() >= next_look) {
      report_holdings(worker, run);
      next_look = clock_.now() + kLookWhileLoading;
    }
    report_(run, Said{std::move(*message)});
  }
}

asio::awaitable<void> Attendant::await_exit(Worker worker, int run, Silence silence) {
  auto status = co_await worker->wait_exit();
  // Why it ended may still be on its way: what it wrote before counts before its end does.
  auto hearing = silence->take();
  auto waiting = clock_.sleep_for(kLastWords);
  co_await (std::move(hearing) || std::move(waiting));
  auto lines = worker->last_lines();
  report_(run, Exited{.status = status, .last_words = lines.empty() ? std::string() : std::move(lines.back())});
}

asio::awaitable<void> Attendant::probe(Worker worker, int run) {
  auto answered = co_await worker->probe();
  report_(run, Probed{answered ? std::nullopt : std::optional(answered.error())});
}

asio::awaitable<void> Attendant::collect(Worker worker, int run) {
  for (common::Duration pause = kFirstLook; worker == worker_; pause = std::min<common::Duration>(2 * pause, kSlowestLook)) {
    report_(run, Looked{.survivors = worker->survivors(), .available_bytes = available_bytes()});
    if (worker != worker_) co_return;
    co_await clock_.sleep_for(pause);
  }
}

}  // namespace proxy::supervisor
