#include "proxy/supervisor/supervisor.hpp"

#include <signal.h>

#include <format>

#include "common/log.hpp"

namespace proxy::supervisor {

namespace asio = boost::asio;
using common::Error;
using common::ErrorKind;

namespace {

constexpr auto kSurvivorPoll = std::chrono::milliseconds(20);

bool file_is_to_blame(const std::optional<common::Fatal>& fatal, const std::optional<common::ExitStatus>& exit) {
  constexpr int kBadFile = static_cast<int>(common::WorkerExit::bad_model_file);
  return (exit && exit->signal == 0 && exit->code == kBadFile) || (fatal && fatal->code == kBadFile);
}

}  // namespace

Supervisor::Supervisor(asio::any_io_executor executor, common::Clock& clock, Launcher& launcher, Timeouts timeouts,
                       std::function<void(Notice)> notify)
    : executor_(executor),
      clock_(clock),
      launcher_(launcher),
      timeouts_(timeouts),
      notify_(std::move(notify)),
      tasks_(executor, "supervisor"),
      deadline_(tasks_, clock, [this] { dispatch(Event::timed_out); }) {}

Supervisor::~Supervisor() = default;

void Supervisor::start(common::Load load) {
  if (state_ != State::stopped) return;
  load_ = std::move(load);
  dispatch(Event::wanted);
}

std::optional<Error> Supervisor::refusal() const {
  if (state_ == State::quarantined) return last_failure_;
  if (state_ != State::backoff) return std::nullopt;
  auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_.when().value_or(clock_.now()) - clock_.now());
  auto why = std::format("{} failed to load and is not tried again for {:.1f} s: {}", load_.model, static_cast<double>(left.count()) / 1000,
                         last_failure_ ? last_failure_->message() : "no cause is known");
  return Error(ErrorKind::backing_off, why).retry_after(left);
}

void Supervisor::dispatch(Event event) {
  auto next = transition(state_, event);
  if (!next) return;
  if (event == Event::timed_out && !overran_) overran_ = state_;  // the first is the cause, later ones its consequences
  if (next->to != state_) common::log::debug("{}: {} on {} is {}", load_.model, to_string(state_), to_string(event), to_string(next->to));
  state_ = next->to;
  if (state_ == State::stopping && event != Event::timed_out) asked_to_stop_ = true;
  std::uint64_t resident = 0;
  for (const auto& device : ready_.memory) resident += device.weights_bytes + device.kv_bytes + device.compute_bytes;
  auto limit = time_limit(state_, timeouts_, resident, failures_);
  deadline_.set(limit ? std::optional(clock_.now() + *limit) : std::nullopt);
  act(next->act);
}

void Supervisor::act(Action action) {
  switch (action) {
    case Action::none: break;
    case Action::spawn: spawn(); break;
    case Action::send_load: worker_->send(load_); break;
    case Action::announce_ready: notify_(WorkerReady{}); break;
    case Action::end_leases:
      asked_to_stop_ = true;
      overran_.reset();
      worker_->send(common::Exit{});
      notify_(DrainExpired{});
      break;
    case Action::send_exit: worker_->send(common::Exit{}); break;
    case Action::send_kill:
      common::log::warn("{}: {} overran its deadline, killing process group {}", load_.model,
                        overran_ ? to_string(*overran_) : to_string(state_), worker_->pid());
      worker_->signal(SIGKILL);
      break;
    case Action::collect: tasks_.spawn(collect(worker_)); break;
    case Action::announce_gone: on_gone(); break;
  }
}

void Supervisor::spawn() {
  was_ready_ = asked_to_stop_ = false;
  overran_.reset();
  fatal_.reset();
  exit_.reset();
  spawn_failure_.reset();
  load_fraction_ = 0;
  beat_ = {};
  started_ = clock_.now();
  ++spawns_;
  auto launched = launcher_.launch(load_.model);
  if (!launched) {
    spawn_failure_ = launched.error();
    tasks_.spawn(report_failed_spawn());
    return;
  }
  worker_ = std::move(*launched);
  common::log::info("{}: worker {} started", load_.model, worker_->pid());
  tasks_.spawn(follow(worker_));
  tasks_.spawn(await_exit(worker_));
}

asio::awaitable<void> Supervisor::follow(std::shared_ptr<LaunchedWorker> worker) {
  while (true) {
    auto message = co_await worker->receive();
    if (worker != worker_) co_return;
    if (!message) {
      // A worker without a control channel cannot be told to stop. Its own side treats end-of-file as an order to exit; this is for one
      // that does not, or that spoke gibberish.
      if (!exit_) worker->signal(SIGKILL);
      co_return;
    }
    on_message(std::move(*message));
  }
}

void Supervisor::on_message(common::FromWorker message) {
  if (auto* hello = std::get_if<common::Hello>(&message)) {
    if (hello->protocol == common::kWorkerProtocolVersion) return dispatch(Event::said_hello);
    fatal_ =
        common::Fatal{static_cast<int>(common::WorkerExit::internal),
                      std::format("it speaks control protocol {}, this daemon speaks {}", hello->protocol, common::kWorkerProtocolVersion)};
    worker_->signal(SIGKILL);
  } else if (auto* loading = std::get_if<common::Loading>(&message)) {
    load_fraction_ = loading->fraction;
    dispatch(Event::progressed);
  } else if (auto* ready = std::get_if<common::Ready>(&message)) {
    if (state_ != State::loading) return;
    ready_ = std::move(*ready);
    was_ready_ = true;
    failures_ = 0;
    load_fraction_ = 1;
    last_failure_.reset();
    load_time_ = clock_.now() - started_;
    common::log::info("{}: ready after {} ms", load_.model, std::chrono::duration_cast<std::chrono::milliseconds>(load_time_).count());
    dispatch(Event::became_ready);
  } else if (auto* beat = std::get_if<common::Beat>(&message)) {
    beat_ = *beat;
  } else if (auto* fatal = std::get_if<common::Fatal>(&message)) {
    fatal_ = std::move(*fatal);
  }
}

asio::awaitable<void> Supervisor::await_exit(std::shared_ptr<LaunchedWorker> worker) {
  auto status = co_await worker->wait_exit();
  exit_ = status;
  dispatch(Event::exited);
}

// The leader is reaped; it may have left descendants behind.
asio::awaitable<void> Supervisor::collect(std::shared_ptr<LaunchedWorker> worker) {
  while (worker && worker->survivors()) {
    worker->kill_survivors();
    co_await clock_.sleep_for(kSurvivorPoll);
  }
  dispatch(outcome());
}

asio::awaitable<void> Supervisor::report_failed_spawn() {
  exit_ = common::ExitStatus{.code = static_cast<int>(common::WorkerExit::internal)};
  dispatch(Event::exited);
  co_return;
}

Event Supervisor::outcome() {
  // The end was asked for, or it had served: the next request may start it again at once. A load that failed is not tried in a loop.
  if (file_is_to_blame(fatal_, exit_)) return Event::reaped_bad_file;
  if (was_ready_ || asked_to_stop_) return Event::reaped_stopped;
  ++failures_;
  return Event::reaped_failed;
}

void Supervisor::on_gone() {
  auto cause = cause_of_end();
  if (cause) {
    last_failure_ = cause;
    common::log::error("{}: {}", load_.model, cause->message());
  } else {
    common::log::info("{}: worker {} stopped", load_.model, worker_ ? worker_->pid() : 0);
  }
  worker_.reset();
  beat_ = {};
  load_fraction_ = 0;
  notify_(WorkerGone{std::move(cause)});
}

std::optional<Error> Supervisor::cause_of_end() const {
  if (spawn_failure_) return Error(ErrorKind::load_failed, std::format("the worker could not be started: {}", spawn_failure_->message()));
  if (overran_ == State::loading) {
    return Error(ErrorKind::load_timeout,
                 std::format("loading {} made no progress for {:.1f} s (it stood at {:.0f} %) and was ended", load_.model,
                             static_cast<double>(timeouts_.load_stall.count()) / 1000, load_fraction_ * 100));
  }
  if (overran_ == State::starting) {
    return Error(ErrorKind::load_timeout,
                 std::format("the worker for {} did not say hello within {} ms and was ended", load_.model, timeouts_.hello.count()));
  }
  if (asked_to_stop_) return std::nullopt;
  if (was_ready_)
    return Error(ErrorKind::worker_crashed, std::format("the worker for {} ended unexpectedly: {}", load_.model, describe_end()));
  auto kind = file_is_to_blame(fatal_, exit_)                                                 ? ErrorKind::bad_model_file
              : fatal_ && fatal_->code == static_cast<int>(common::WorkerExit::out_of_memory) ? ErrorKind::insufficient_memory
                                                                                              : ErrorKind::load_failed;
  return Error(kind, std::format("loading {} failed: {}", load_.model, describe_end()));
}

std::string Supervisor::describe_end() const {
  const std::string status = exit_ ? common::describe(*exit_) : "unknown";
  if (fatal_) return std::format("{} ({})", fatal_->message, status);
  auto lines = worker_ ? worker_->last_lines() : std::vector<std::string>();
  if (lines.empty()) return status;
  return std::format("{}; its last words: {}", status, lines.back());
}

void Supervisor::kill_now() {
  asked_to_stop_ = true;
  if (worker_ && !exit_) worker_->signal(SIGKILL);
}

asio::awaitable<void> Supervisor::shut_down() {
  kill_now();
  while (worker_) co_await clock_.sleep_for(kSurvivorPoll);
  tasks_.cancel();
  co_await tasks_.join();
}

}  // namespace proxy::supervisor
