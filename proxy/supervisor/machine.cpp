#include "proxy/supervisor/machine.hpp"

#include <algorithm>
#include <format>

#include "common/overloaded.hpp"

namespace proxy::supervisor {

using common::Error;
using common::ErrorKind;

namespace {

// Less than this is lost in what the rest of the machine does meanwhile.
constexpr std::uint64_t kMemoryNoise = 256ull << 20;
constexpr std::uint64_t kProbeTokens = 1;  // that the probe of one of our workers has it make (probe.cpp)

bool file_is_to_blame(const std::optional<common::Fatal>& fatal, const std::optional<Exited>& exit) {
  constexpr int kBadFile = static_cast<int>(common::WorkerExit::bad_model_file);
  return (exit && exit->status.signal == 0 && exit->status.code == kBadFile) || (fatal && fatal->code == kBadFile);
}

bool ran_out_of_memory(const std::optional<common::Fatal>& fatal, const std::optional<Exited>& exit) {
  return (fatal && fatal->code == static_cast<int>(common::WorkerExit::out_of_memory)) || (exit && exit->status.out_of_memory);
}

double seconds(common::Duration d) { return std::chrono::duration<double>(d).count(); }

bool shows_work(const common::Beat& before, const common::Beat& after) {
  return after.tokens_total != before.tokens_total || after.prompt_tokens_total != before.prompt_tokens_total ||
         after.cached_tokens_total != before.cached_tokens_total || after.work_total != before.work_total;
}

}  // namespace

void Machine::on(const Input& input, common::TimePoint now, std::vector<Output>& out) {
  now_ = now;
  out_ = &out;
  std::visit(common::Overloaded{
                 [&](Wish w) { wish(w); },
                 [&](const Serves& i) {
                   const bool more = i.requests > requests_;
                   requests_ = i.requests;
                   // Of one that says it is busy only its own words move the clock: whoever gives up waiting, or comes too, must not
                   // put off for ever the end of a worker that hangs.
                   const bool is_watched = work_due_ && beat_.slots_busy > 0;
                   if (!is_watched && (more || requests_ == 0)) watch_work();
                 },
                 [&](const Spawned& i) { pid_ = i.pid; },
                 [&](const NotSpawned& i) {
                   spawn_failure_ = i.why;
                   dispatch(Event::exited);
                 },
                 [&](const Said& i) { said(i.message); },
                 [&](const HungUp&) {
                   // Mostly it is about to end, and its own exit status says more than a kill would. One that stays cannot be told
                   // to stop any more: its own side treats end-of-file as an order to exit, but it may be deaf or speak gibberish.
                   if (!exit_ && pid_) end_due_ = now_ + timeouts_.hang_up;
                 },
                 [&](const Probed& i) {
                   if (state_ != State::probing) return;
                   probe_failure_ = i.failure;
                   dispatch(i.failure ? Event::probed_badly : Event::probed_well);
                 },
                 [&](const Holds& i) {
                   if (!exit_) holds_ = i;
                 },
                 [&](const Exited& i) {
                   exit_ = i;
                   end_due_.reset();
                   dispatch(Event::exited);
                 },
                 [&](const Looked& i) { looked(i); },
                 [&](const Tick&) { tick(); },
             },
             input);
  out_ = nullptr;
}

std::optional<common::TimePoint> Machine::deadline() const {
  std::optional<common::TimePoint> next = deadline_;
  for (const auto& due : {work_due_, end_due_}) {
    if (due) next = next ? std::min(*next, *due) : *due;
  }
  return next;
}

std::optional<Error> Machine::refusal(common::TimePoint now) const {
  if (state_ == State::quarantined || state_ == State::unkillable) return last_failure_;
  if (state_ != State::backoff) return std::nullopt;
  auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_.value_or(now) - now);
  auto why = std::format("{} failed to load and is not tried again for {:.1f} s: {}", model_, seconds(left),
                         last_failure_ ? last_failure_->message() : "no cause is known");
  return Error(ErrorKind::backing_off, why).retry_after(left);
}

void Machine::wish(Wish wish) {
  switch (wish) {
    case Wish::start: return dispatch(Event::wanted);
    case Wish::evict: return dispatch(Event::evicted);
    case Wish::keep: hastened_ = false; return dispatch(Event::kept);
    case Wish::drained: return dispatch(Event::drained);
    case Wish::abandon: return dispatch(Event::abandoned);
    case Wish::file_changed:
      if (!pid_) ready_ = {};  // it was said of another file
      crashes_.clear(), failures_ = 0;
      return dispatch(Event::file_changed);
    case Wish::reset: crashes_.clear(), failures_ = 0; return dispatch(Event::reset);
    case Wish::kill_now:
      asked_to_stop_ = true;
      if (pid_ && !exit_) out_->push_back(Order::kill);
      return;
    case Wish::hasten:
      if (state_ != State::draining || !deadline_ || *deadline_ <= now_ + timeouts_.drain_in_haste) return;
      deadline_ = now_ + timeouts_.drain_in_haste;
      hastened_ = true;
      return;
  }
}

void Machine::said(const common::FromWorker& message) {
  if (auto* hello = std::get_if<common::Hello>(&message)) {
    if (hello->protocol == common::kWorkerProtocolVersion) return dispatch(Event::said_hello);
    kill_for(std::format("it speaks control protocol {}, this daemon speaks {}", hello->protocol, common::kWorkerProtocolVersion));
  } else if (auto* loading = std::get_if<common::Loading>(&message)) {
    load_fraction_ = loading->fraction;
    dispatch(Event::progressed);
  } else if (auto* ready = std::get_if<common::Ready>(&message)) {
    if (state_ != State::loading) return;
    ready_ = *ready;
    ready_run_ = run_;
    load_fraction_ = 1;
    dispatch(Event::became_ready);
  } else if (auto* beat = std::get_if<common::Beat>(&message)) {
    const bool works = shows_work(beat_, *beat), idle = beat->slots_busy == 0;
    beat_ = *beat;
    // It says that there is nothing to do, and says so again when there is. But what it says of the end of its probe may come after the
    // first request was sent to it.
    const bool of_probe = beat->tokens_total == kProbeTokens && requests_ > 0;
    if (idle && !of_probe) work_due_.reset();
    else if (!idle && (works || !work_due_)) watch_work();
  } else if (auto* saved = std::get_if<common::Saved>(&message)) {
    if (state_ == State::saving) saved_ = *saved;
    dispatch(Event::saved);
  } else if (auto* fatal = std::get_if<common::Fatal>(&message)) {
    fatal_ = *fatal;
  }
}

// A worker with requests owes some work within work_stall. SIGSTOP, a hung driver and a deadlock all look the same from here.
void Machine::watch_work() {
  const bool watched = (state_ == State::ready || state_ == State::draining) && requests_ > 0;
  work_due_ = watched ? std::optional(now_ + timeouts_.work_stall) : std::nullopt;
}

void Machine::looked(const Looked& reading) {
  if (state_ != State::reaping && state_ != State::unkillable) return;
  if (reading.survivors) {
    out_->push_back(Order::kill_survivors);
    return;
  }
  survivors_gone_ = true;
  memory_missing_ = missing_of(reading.available_bytes);
  memory_verified_ = memory_missing_ == 0;
  if (memory_verified_ || state_ == State::unkillable) dispatch(outcome());
}

void Machine::tick() {
  if (end_due_ && *end_due_ <= now_) {
    end_due_.reset();
    kill_for("it closed its control channel and stayed");
  }
  if (work_due_ && *work_due_ <= now_) {
    work_due_.reset();
    dispatch(Event::stalled);
  }
  if (!deadline_ || *deadline_ > now_) return;
  // Nothing of it is left, so nothing more will come back from it: somebody else took the memory meanwhile. memory_verified() tells.
  if (state_ == State::reaping && survivors_gone_) return dispatch(outcome());
  dispatch(state_ == State::stopping && killed_ ? Event::outlived_kill : Event::timed_out);
}

void Machine::dispatch(Event event) {
  auto next = transition(state_, event);
  if (!next) return;
  if ((event == Event::timed_out || event == Event::stalled) && !overran_)
    overran_ = state_;  // the first is the cause, later ones its consequences
  if (next->to != state_) out_->push_back(Moved{state_, next->to, event});
  state_ = next->to;
  const bool of_itself = event == Event::timed_out || event == Event::probed_badly || event == Event::unreachable;
  if ((state_ == State::stopping || state_ == State::saving) && !of_itself) asked_to_stop_ = true;
  auto limit = time_limit(state_, timeouts_, resident_bytes(), failures_);
  deadline_ = limit ? std::optional(now_ + *limit) : std::nullopt;
  if (state_ != State::ready && state_ != State::draining) work_due_.reset();
  act(next->act);
}

void Machine::act(Action action) {
  switch (action) {
    case Action::none: break;
    case Action::spawn:
      begin_run();
      out_->push_back(Order::spawn);
      break;
    case Action::send_load: out_->push_back(Order::send_load); break;
    case Action::probe: out_->push_back(Order::probe); break;
    case Action::announce_ready:
      was_ready_ = true;
      failures_ = 0;
      last_failure_.reset();
      load_time_ = now_ - started_ - std::min(now_ - started_, device_wait());
      out_->push_back(BecameReady{});
      break;
    case Action::end_leases:
      asked_to_stop_ = true;
      overran_.reset();
      out_->push_back(DrainExpired{});
      out_->push_back(Order::send_exit);
      break;
    case Action::send_save: out_->push_back(Order::send_save); break;
    case Action::send_exit: out_->push_back(Order::send_exit); break;
    case Action::abort:
      out_->push_back(Order::abort);
      out_->push_back(Lost{*cause_of_end()});
      break;
    case Action::kill:
      killed_ = true;
      // What the kernel takes to let go of it has nothing to do with the patience that a worker gets to leave by itself.
      deadline_ = now_ + *time_limit(State::reaping, timeouts_, resident_bytes(), failures_);
      out_->push_back(Order::kill);
      break;
    case Action::collect:
      if (spawn_failure_) return dispatch(outcome());  // there is nothing to collect
      if (was_ready_ && !asked_to_stop_) out_->push_back(Lost{*cause_of_end()});
      out_->push_back(Order::collect);
      break;
    case Action::announce_stuck:
      last_failure_ = Error(ErrorKind::unkillable,
                            std::format("the worker for {} (process {}) does not end although it was killed; nothing is loaded until the "
                                        "kernel lets it go. Look at its state with: cat /proc/{}/stack",
                                        model_, pid_, pid_));
      out_->push_back(Stuck{*last_failure_});
      break;
    case Action::announce_gone: end_run(); break;
  }
}

void Machine::begin_run() {
  ++run_;
  started_ = now_;
  pid_ = 0;
  load_fraction_ = 0;
  beat_ = {};
  saved_ = {};
  requests_ = 0;
  end_due_.reset();
  holds_ = {};
  was_ready_ = asked_to_stop_ = hastened_ = survivors_gone_ = killed_ = false;
  overran_.reset();
  fatal_.reset();
  probe_failure_.reset();
  spawn_failure_.reset();
  exit_.reset();
}

// Nothing can be asked of it any more, so nobody is sent to it either.
void Machine::kill_for(std::string why) {
  fatal_ = common::Fatal{static_cast<int>(common::WorkerExit::internal), std::move(why)};
  if (was_ready_ && !asked_to_stop_) out_->push_back(Lost{*cause_of_end()});
  dispatch(Event::unreachable);
}

void Machine::end_run() {
  auto cause = cause_of_end();
  if (cause && state_ == State::quarantined && cause->kind() != ErrorKind::bad_model_file) {
    last_failure_ =
        Error(ErrorKind::quarantined,
              std::format("{} crashed {} times within {:.0f} s and is left alone until its file changes or an operator loads it: {}",
                          model_, timeouts_.crashes_allowed + 1, seconds(timeouts_.crash_window), cause->message()));
  } else if (cause) {
    last_failure_ = cause;
  } else {
    last_failure_.reset();
  }
  pid_ = 0;
  beat_ = {};
  requests_ = 0;
  load_fraction_ = 0;
  out_->push_back(Gone{std::move(cause)});
}

Event Machine::outcome() {
  if (file_is_to_blame(fatal_, exit_)) return Event::reaped_for_good;
  if (asked_to_stop_) return Event::reaped_stopped;
  // It had served: the next request may start it again at once, unless this goes on and on. A load that failed is not tried in a loop.
  if (was_ready_) return crashes_in_a_row() ? Event::reaped_for_good : Event::reaped_stopped;
  ++failures_;
  return Event::reaped_failed;
}

bool Machine::crashes_in_a_row() {
  crashes_.push_back(now_);
  while (crashes_.front() + timeouts_.crash_window < now_) crashes_.pop_front();
  return crashes_.size() > timeouts_.crashes_allowed;
}

// 0: its own bytes have come back, or as good as: the rest of the machine does not stand still meanwhile, and a figure may be 0 because it
// cannot be read.
std::uint64_t Machine::missing_of(std::uint64_t available) const {
  const std::uint64_t expected = holds_.own_bytes - holds_.own_bytes / 10;
  const std::uint64_t wanted = holds_.available_bytes + expected;
  if (expected < kMemoryNoise || holds_.available_bytes == 0 || available + kMemoryNoise >= wanted) return 0;
  return wanted - available;
}

common::Duration Machine::device_wait() const {
  constexpr double kMost = 3'600;  // no worker waits for an hour, whatever it says
  return std::chrono::duration_cast<common::Duration>(std::chrono::duration<double>(std::clamp(ready_.device_wait.seconds, 0.0, kMost)));
}

std::uint64_t Machine::resident_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& device : ready_.memory) bytes += device.weights_bytes + device.kv_bytes + device.compute_bytes;
  return bytes;
}

std::optional<Error> Machine::cause_of_end() const {
  if (spawn_failure_ && !asked_to_stop_)
    return Error(ErrorKind::load_failed, std::format("the worker could not be started: {}", spawn_failure_->message()));
  if (overran_ == State::loading || overran_ == State::probing) {
    return Error(ErrorKind::load_timeout, std::format("loading {} made no progress for {:.1f} s (it stood at {:.0f} %) and was ended",
                                                      model_, seconds(timeouts_.load_stall), load_fraction_ * 100));
  }
  if (overran_ == State::starting) {
    return Error(ErrorKind::load_timeout,
                 std::format("the worker for {} did not say hello within {} ms and was ended", model_, timeouts_.hello.count()));
  }
  if (probe_failure_)
    return Error(ErrorKind::load_failed, std::format("{} was loaded but does not answer: {}", model_, probe_failure_->message()));
  if (overran_ == State::ready || overran_ == State::draining) {
    return Error(ErrorKind::worker_crashed, std::format("the worker for {} was busy and did nothing for {:.1f} s, so it was ended", model_,
                                                        seconds(timeouts_.work_stall)));
  }
  if (asked_to_stop_) return std::nullopt;
  if (was_ready_) return Error(ErrorKind::worker_crashed, std::format("the worker for {} ended unexpectedly: {}", model_, describe_end()));
  auto kind = file_is_to_blame(fatal_, exit_)    ? ErrorKind::bad_model_file
              : ran_out_of_memory(fatal_, exit_) ? ErrorKind::insufficient_memory
                                                 : ErrorKind::load_failed;
  return Error(kind, std::format("loading {} failed: {}", model_, describe_end()));
}

std::string Machine::describe_end() const {
  const std::string status = exit_ ? common::describe(exit_->status) : "unknown";
  if (fatal_) return std::format("{} ({})", fatal_->message, status);
  return exit_ && !exit_->last_words.empty() ? std::format("{}; its last words: {}", status, exit_->last_words) : status;
}

std::string_view to_string(Order order) {
  switch (order) {
    case Order::spawn: return "spawn";
    case Order::send_load: return "send_load";
    case Order::send_save: return "send_save";
    case Order::send_exit: return "send_exit";
    case Order::probe: return "probe";
    case Order::abort: return "abort";
    case Order::kill: return "kill";
    case Order::kill_survivors: return "kill_survivors";
    case Order::collect: return "collect";
  }
  return "unknown";
}

}  // namespace proxy::supervisor
