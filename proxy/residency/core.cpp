#include "proxy/residency/core.hpp"

#include <algorithm>
#include <cassert>
#include <format>

#include "common/overloaded.hpp"

namespace proxy::residency {

using common::Error;
using common::ErrorKind;

std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::vacant: return "vacant";
    case Phase::loading: return "loading";
    case Phase::serving: return "serving";
    case Phase::draining: return "draining";
    case Phase::stopping: return "stopping";
  }
  return "unknown";
}

std::vector<Action> Core::on(const Input& input, TimePoint now) {
  std::visit(common::Overloaded{
                 [&](const Arrives& i) { arrives(i, now); },
                 [&](const Leaves& i) { leaves(i); },
                 [&](const Released& i) { leases_.erase(i.waiter) || stale_.erase(i.waiter); },
                 [&](const Unload& i) { unload(i); },
                 [&](const Retire& i) {
                   if (i.model == active_) begin_drain();
                 },
                 [&](const Ready& i) { ready(i); },
                 [&](const DrainExpired& i) {
                   if (i.model != active_ || phase_ != Phase::draining) return;
                   actions_.push_back(EndLeases{active_});
                   phase_ = Phase::stopping;  // the supervisor has told the worker already
                 },
                 [&](const Gone& i) { gone(i); },
                 [&](const Refused& i) {
                   refuse_waiters_of(i.model, i.why);
                   if (i.model == active_ && phase_ == Phase::loading) active_.clear(), phase_ = Phase::vacant;
                 },
                 [&](const Tick&) { refuse_overdue(now); },
                 [&](const ShutDown&) { shut_down(); },
             },
             input);
  settle();
  return std::exchange(actions_, {});
}

std::optional<TimePoint> Core::next_deadline() const {
  // Arrival order is deadline order: everybody has the same patience.
  if (queue_.empty()) return std::nullopt;
  return queue_.front().arrived + limits_.queue_timeout;
}

void Core::arrives(const Arrives& input, TimePoint now) {
  if (shutting_down_) {
    actions_.push_back(Reject{input.waiter, Error(ErrorKind::shutting_down, "the daemon is shutting down")});
  } else if (queue_.size() >= limits_.max_queue) {
    actions_.push_back(Reject{
        input.waiter, Error(ErrorKind::queue_full,
                            std::format("{} requests are waiting already (policy.max_queue is {})", queue_.size(), limits_.max_queue))});
  } else {
    queue_.push_back({.id = input.waiter, .model = input.model, .arrived = now});
  }
}

void Core::leaves(const Leaves& input) {
  std::erase_if(queue_, [&](const Waiter& w) { return w.id == input.waiter; });
}

void Core::unload(const Unload& input) {
  refuse_waiters_of(input.model, Error(ErrorKind::model_unloaded, std::format("{} was unloaded by an operator", input.model)));
  if (input.model != active_) return;
  if (phase_ == Phase::serving) begin_drain();
  if (phase_ == Phase::loading) abandon_load();
}

void Core::ready(const Ready& input) {
  if (input.model != active_ || phase_ != Phase::loading) return;
  phase_ = Phase::serving;
  slots_ = std::max<std::uint64_t>(1, input.slots);
  for (Waiter& w : queue_) w.rides = w.model == active_;
}

void Core::gone(const Gone& input) {
  if (input.model != active_) return;
  if (phase_ == Phase::loading) {
    refuse_waiters_of(input.model,
                      input.cause.value_or(Error(ErrorKind::load_failed, std::format("loading {} was given up", input.model))));
  }
  stale_.merge(leases_);
  leases_.clear();
  active_.clear();
  phase_ = Phase::vacant;
}

void Core::refuse_waiters_of(const ModelId& model, const Error& why) {
  std::erase_if(queue_, [&](const Waiter& w) {
    if (w.model != model) return false;
    actions_.push_back(Reject{w.id, why});
    return true;
  });
}

void Core::refuse_overdue(TimePoint now) {
  while (!queue_.empty() && queue_.front().arrived + limits_.queue_timeout <= now) {
    auto waited = std::chrono::duration_cast<std::chrono::seconds>(now - queue_.front().arrived).count();
    actions_.push_back(Reject{
        queue_.front().id, Error(ErrorKind::queue_timeout,
                                 std::format("waited {} s for {} without a turn (policy.queue_timeout)", waited, queue_.front().model))});
    queue_.pop_front();
  }
}

void Core::shut_down() {
  shutting_down_ = true;
  for (const Waiter& w : queue_) actions_.push_back(Reject{w.id, Error(ErrorKind::shutting_down, "the daemon is shutting down")});
  queue_.clear();
  if (phase_ == Phase::serving) begin_drain();
  if (phase_ == Phase::loading) abandon_load();
}

bool Core::wanted(const ModelId& model) const { return std::ranges::contains(queue_, model, &Waiter::model); }

void Core::begin_drain() {
  if (phase_ != Phase::serving) return;
  phase_ = Phase::draining;
  actions_.push_back(Drain{active_});
}

void Core::abandon_load() {
  phase_ = Phase::stopping;
  actions_.push_back(Abandon{active_});
}

void Core::grant(std::deque<Waiter>::iterator waiter) {
  assert(phase_ == Phase::serving && waiter->model == active_ && leases_.size() < slots_);
  leases_.insert(waiter->id);
  actions_.push_back(Grant{waiter->id, active_});
  queue_.erase(waiter);
}

void Core::serve() {
  auto free_slot = [&] { return leases_.size() < slots_; };
  for (auto rider = next_rider(); rider != queue_.end() && free_slot(); rider = next_rider()) grant(rider);
  if (next_rider() != queue_.end()) return;
  while (!queue_.empty() && queue_.front().model == active_ && free_slot()) grant(queue_.begin());
  if (!queue_.empty() && queue_.front().model != active_) begin_drain();
}

std::deque<Core::Waiter>::iterator Core::next_rider() { return std::ranges::find(queue_, true, &Waiter::rides); }

void Core::settle() {
  if (phase_ == Phase::vacant && !queue_.empty()) {
    active_ = queue_.front().model;
    phase_ = Phase::loading;
    actions_.push_back(Start{active_});
    return;
  }
  if (phase_ == Phase::loading && !wanted(active_)) abandon_load();  // everybody who wanted it has left
  if (phase_ == Phase::serving) serve();
  if (phase_ == Phase::draining && leases_.empty()) {
    actions_.push_back(Stop{active_});
    phase_ = Phase::stopping;
  }
}

}  // namespace proxy::residency
