#include "proxy/residency/core.hpp"

#include <algorithm>
#include <cassert>
#include <format>
#include <ranges>

#include "common/overloaded.hpp"

namespace proxy::residency {

using common::Error;
using common::ErrorKind;
using std::chrono::duration_cast;

namespace {

constexpr milliseconds kUnmeasuredLoad{5'000};  // a guess, where nothing is known of the model and of the device that it is on
constexpr milliseconds kUnmeasuredLeave{500};
constexpr milliseconds kLeastResidency{1'000};
constexpr milliseconds kMostResidency{30'000};
constexpr milliseconds kMostLinger{2'000};
constexpr milliseconds kLeastRetry{1'000};

Error shutting_down_error() { return Error(ErrorKind::shutting_down, "the daemon is shutting down").retry_after(std::chrono::seconds(5)); }

template <class T>
std::optional<T> earlier(std::optional<T> a, std::optional<T> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

}  // namespace

void Core::on(const Input& input, TimePoint now, std::vector<Action>& actions) {
  now_ = now;
  actions_ = &actions;
  std::visit(common::Overloaded{
                 [&](const Arrives& i) { arrives(i); },
                 [&](const Leaves& i) { std::erase_if(queue_, [&](const Waiter& w) { return w.id == i.waiter; }); },
                 [&](const Released& i) {
                   stale_.erase(i.waiter);
                   if (leases_.erase(i.waiter)) idle_since_ = now_;
                 },
                 [&](const Unload& i) {
                   unload(i.model, Error(ErrorKind::model_unloaded, std::format("{} was unloaded by an operator", i.model)));
                 },
                 [&](const Retire& i) {
                   if (i.model == active_) let_go(Reason::entry_changed);
                   else if (i.model == own_ && !closed_) stay({own_});
                 },
                 [&](const Remove& i) {
                   unload(i.model, Error(ErrorKind::model_not_found, std::format("{} was taken out of the registry", i.model)));
                 },
                 [&](const Stay& i) { stay(i); },
                 [&](const Close& i) { close(i); },
                 [&](const Ready& i) { ready(i); },
                 [&](const DrainExpired& i) {
                   if (i.model != active_ || phase_ != Phase::draining) return;
                   actions_->push_back(EndLeases{active_});
                   enter(Phase::stopping, reason_);  // the supervisor has told the worker already
                 },
                 [&](const Lost& i) {
                   if (i.model != active_ || (phase_ != Phase::serving && phase_ != Phase::draining)) return;
                   stale_.merge(leases_);
                   enter(Phase::stopping, reason_ == Reason::operator_unload ? reason_ : Reason::crashed);
                 },
                 [&](const Stuck& i) {
                   if (i.model != active_) return;
                   stuck_ = i.why;
                   reject_all(i.why);
                 },
                 [&](const Gone& i) { gone(i); },
                 [&](const Refused& i) { refused(i); },
                 [&](const Unfit& i) {
                   if (i.model == active_) return;
                   reject_waiters_of(i.model, i.why);
                   if (wished_ == i.model) wished_.clear();
                   if (fallback_ == i.model) fallback_.clear();
                 },
                 [&](const Configure& i) { settings_ = i.settings; },
                 [&](const Restrain& i) { restrain(i); },
                 [&](const CancelClass& i) { cancel_class(i); },
                 [&](const GiveUp& i) { give_up_place(i.why); },
                 [&](const Tick&) { reject_overdue(); },
                 [&](const ShutDown&) { shut_down(); },
             },
             input);
  settle();
  actions_ = nullptr;
}

std::optional<TimePoint> Core::next_deadline() const {
  std::optional<TimePoint> next = default_returns();
  // Arrival order is deadline order: everybody has the same patience.
  if (!queue_.empty()) next = earlier(next, std::optional(queue_.front().arrived + settings_.queue_timeout));
  if (phase_ != Phase::serving) return next;
  return earlier(next, earlier(leaves_at(), ttl_ends()));
}

// --- places ---

Core Core::part_with(const ModelId& model) {
  Core own = *this;  // what was measured is known there too
  std::erase_if(own.queue_, [&](const Waiter& w) { return w.model != model; });
  std::erase_if(queue_, [&](const Waiter& w) { return w.model == model; });
  own.own_ = model;
  own.made_room_.clear(), own.fallback_.clear(), own.wished_.clear();
  for (ModelId* of : {&made_room_, &fallback_, &wished_}) {
    if (*of == model) of->clear();
  }
  const bool was_here = active_ == model;
  Core& other = was_here ? *this : own;
  other.active_.clear();
  other.leases_.clear();
  other.stuck_.reset();
  other.phase_ = Phase::vacant;
  // What had to leave for it finds its place free again.
  if (was_here && !fallback_.empty()) {
    wished_ = std::exchange(fallback_, {});
    wished_why_ = Reason::rolled_back;
  }
  return own;
}

void Core::adopt(std::vector<Waiter> waiters) {
  std::ranges::move(waiters, std::back_inserter(queue_));
  std::ranges::sort(queue_, {}, [](const Waiter& w) { return std::pair(w.arrived, w.id); });
}

// --- inputs ---

void Core::arrives(const Arrives& input) {
  if (auto why = refusal_of(input)) {
    actions_->push_back(Reject{input.waiter, std::move(*why)});
    return;
  }
  queue_.push_back({.id = input.waiter,
                    .model = input.model,
                    .priority = input.priority,
                    .key = input.key,
                    .operator_load = input.operator_load,
                    .arrived = now_});
}

std::optional<Error> Core::refusal_of(const Arrives& input) const {
  if (shutting_down_) return shutting_down_error();
  if (stuck_) return stuck_;
  if (restraint_ != Restraint::none && needs_load(input.model)) return restrained_why_;
  if (input.operator_load) return std::nullopt;  // an operator can act under overload
  const auto retry = expected_wait(input.model, now_);
  if (queue_.size() >= settings_.max_queue) {
    return Error(ErrorKind::queue_full,
                 std::format("{} requests are waiting already (policy.max_queue is {})", queue_.size(), settings_.max_queue))
        .retry_after(retry);
  }
  const auto of_key = std::ranges::count(queue_, input.key, &Waiter::key);
  if (!input.key.empty() && static_cast<std::uint64_t>(of_key) >= settings_.max_queue_per_key) {
    return Error(ErrorKind::too_many_requests, std::format("{} requests of this key are waiting already (policy.max_queue_per_key is {})",
                                                           of_key, settings_.max_queue_per_key))
        .retry_after(retry);
  }
  auto terms = settings_.terms.find(input.model);
  if (terms == settings_.terms.end() || terms->second.max_requests == 0) return std::nullopt;
  const auto under_way = leases_of(input.model) + static_cast<std::size_t>(std::ranges::count(queue_, input.model, &Waiter::model));
  if (under_way < terms->second.max_requests) return std::nullopt;
  return Error(ErrorKind::too_many_requests, std::format("{} has {} requests running or waiting (its max_requests is {})", input.model,
                                                         under_way, terms->second.max_requests))
      .retry_after(retry);
}

void Core::unload(const ModelId& model, Error why) {
  reject_waiters_of(model, why);
  if (wished_ == model) wished_.clear();
  if (fallback_ == model) fallback_.clear();
  if (model != active_) return;
  may_return_ = false;
  fallback_.clear();
  let_go(Reason::operator_unload);
  if (phase_ == Phase::stopping) reason_ = Reason::operator_unload;  // so that it is not brought back
}

void Core::stay(const Stay& input) {
  if (shutting_down_ || input.model != own_) return;
  closed_ = false;
  if (active_ == own_ && phase_ == Phase::serving) return;
  wished_ = own_;
  wished_why_ = Reason::pinned;
}

void Core::close(const Close& input) {
  closed_ = true;
  wished_.clear();
  std::erase_if(queue_, [&](const Waiter& w) {
    if (w.operator_load) actions_->push_back(Reject{w.id, input.why});
    return w.operator_load;
  });
  let_go(Reason::unpinned);
}

// Sends away what is here.
void Core::let_go(Reason why) {
  if (phase_ == Phase::serving || phase_ == Phase::draining) begin_drain(why);
  if (phase_ == Phase::loading) abandon_load(why);
}

void Core::restrain(const Restrain& input) {
  restraint_ = input.restraint;
  restrained_why_ = input.why;
}

// Their releases follow when their holders have noticed.
void Core::cancel_class(const CancelClass& input) {
  for (const auto& [waiter, priority] : leases_) {
    if (priority <= input.priority) actions_->push_back(EndLease{waiter, input.why});
  }
}

void Core::give_up_place(Reason why) {
  fallback_.clear();
  let_go(why);
}

void Core::ready(const Ready& input) {
  if (input.model != active_ || phase_ != Phase::loading) return;
  const auto took = duration_cast<milliseconds>(now_ - since_);
  load_times_[active_] = took - std::min(took, input.waited);
  slots_ = std::max<std::uint64_t>(1, input.slots);
  fallback_.clear();
  wished_.clear();  // it has come, or another model has the place that it was to come back to
  may_return_ = active_ != settings_.default_model;
  idle_since_ = now_;
  enter(Phase::serving, reason_);
  // Those who waited for this load are served before anybody looks at whose turn it is: every swap serves somebody.
  grant_all();
}

void Core::gone(const Gone& input) {
  if (input.model != active_) return;
  const bool made_room = reason_ == Reason::make_room || reason_ == Reason::returned_to_default;
  if (phase_ == Phase::loading) {
    load_failed(active_, input.cause.value_or(Error(ErrorKind::load_failed, std::format("loading {} was given up", active_))));
  } else if (phase_ != Phase::serving && reason_ == Reason::not_wanted && active_ != own_) {
    wished_ = std::exchange(fallback_, {});
    wished_why_ = Reason::rolled_back;
  } else if (phase_ != Phase::serving && made_room) {
    fallback_ = made_room_ = active_;
    leave_time_ = duration_cast<milliseconds>(now_ - since_);
  }
  const bool gave_up = phase_ != Phase::serving && (reason_ == Reason::memory_pressure || reason_ == Reason::memory_lent);
  if (gave_up && own_.empty()) may_return_ = true;
  const bool comes_back = gave_up || reason_ == Reason::crashed || reason_ == Reason::entry_changed || made_room;
  if (active_ == own_ && comes_back && !shutting_down_ && !closed_) {
    wished_ = own_;
    wished_why_ = Reason::pinned;
  }
  stuck_.reset();
  stale_.merge(leases_);
  leases_.clear();
  active_.clear();
  idle_since_ = now_;
  enter(Phase::vacant, reason_);
}

void Core::refused(const Refused& input) {
  // Given up before that was known: nothing was started, so nothing will be gone either.
  if (input.model != active_ || (phase_ != Phase::loading && phase_ != Phase::stopping)) return;
  load_failed(active_, input.why);
  active_.clear();
  enter(Phase::vacant, reason_);
}

// Its waiters learn the true cause, and the model that had to leave for it comes back.
void Core::load_failed(const ModelId& model, const Error& why) {
  reject_waiters_of(model, why);
  if (model == settings_.default_model) may_return_ = false;
  // Of another model the wish stands: one that is to come back does so although a second load fails before it.
  if (wished_ == model) wished_.clear();
  if (!fallback_.empty() && fallback_ != model) {
    wished_ = fallback_;
    wished_why_ = Reason::rolled_back;
  }
  fallback_.clear();
}

void Core::shut_down() {
  shutting_down_ = true;
  reject_all(shutting_down_error());
  wished_.clear();
  fallback_.clear();
  let_go(Reason::shutting_down);
  if (phase_ == Phase::stopping) reason_ = Reason::shutting_down;
}

void Core::reject_waiters_of(const ModelId& model, const Error& why) {
  std::erase_if(queue_, [&](const Waiter& w) {
    if (w.model != model) return false;
    actions_->push_back(Reject{w.id, why});
    return true;
  });
}

void Core::reject_all(const Error& why) {
  for (const Waiter& w : queue_) actions_->push_back(Reject{w.id, why});
  queue_.clear();
}

void Core::reject_overdue() {
  auto patient = std::ranges::find_if(queue_, [&](const Waiter& w) { return w.arrived + settings_.queue_timeout > now_; });
  for (auto it = queue_.begin(); it != patient; ++it) {
    auto waited = duration_cast<std::chrono::seconds>(now_ - it->arrived).count();
    actions_->push_back(Reject{
        it->id, Error(ErrorKind::queue_timeout, std::format("waited {} s for {} without a turn (policy.queue_timeout)", waited, it->model))
                    .retry_after(expected_wait(it->model, now_))});
  }
  queue_.erase(queue_.begin(), patient);
}

// --- steps ---

void Core::settle() {
  if (phase_ == Phase::vacant) return settle_vacant();
  if (phase_ == Phase::loading) settle_loading();
  if (phase_ == Phase::serving) settle_serving();
  if (phase_ == Phase::draining) settle_draining();
}

void Core::settle_vacant() {
  if (closed_ || restraint_ != Restraint::none) return;
  if (auto due = default_returns(); due && *due <= now_) {
    wished_ = settings_.default_model;
    wished_why_ = Reason::returned_to_default;
  }
  Reason why = Reason::requested;
  if (const Waiter* rival = best_rival_of(made_room_)) {
    active_ = rival->model;
    if (rival->operator_load) why = Reason::operator_load;
  } else if (!queue_.empty()) {
    active_ = queue_.front().model;
  } else if (!wished_.empty()) {
    active_ = wished_;
    why = wished_why_;
  } else {
    return;
  }
  made_room_.clear();
  actions_->push_back(Start{active_, why});
  enter(Phase::loading, why);
}

void Core::settle_loading() {
  if (wanted(active_) || (wished_ == active_ && queue_.empty())) return;
  // What is only wished for makes way for what somebody waits for; otherwise everybody who wanted it has left.
  abandon_load(Reason::not_wanted);
}

void Core::settle_serving() {
  std::erase_if(queue_, [&](const Waiter& w) {
    if (w.model != active_ || !w.operator_load) return false;
    actions_->push_back(Confirm{w.id});
    return true;
  });
  const auto turn = turn_ends();
  if (!turn || now_ < *turn) grant_all();
  if (const auto end = leaves_at(); end && *end <= now_) return begin_drain(Reason::make_room);
  if (auto due = ttl_ends(); due && *due <= now_) {
    if (active_ == settings_.default_model) may_return_ = false;
    return begin_drain(Reason::idle);
  }
  if (auto due = default_returns(); due && *due <= now_) {
    wished_ = settings_.default_model;
    wished_why_ = Reason::returned_to_default;
    begin_drain(Reason::returned_to_default);
  }
}

void Core::settle_draining() {
  if (reason_ == Reason::make_room && (best_rival_of(active_) == nullptr || restraint_ != Restraint::none)) {
    actions_->push_back(Keep{active_});
    // The turn goes on where it was, so nothing is measured anew.
    phase_ = Phase::serving;
    return settle_serving();
  }
  if (!leases_.empty()) return;
  actions_->push_back(Stop{active_});
  phase_ = Phase::stopping;  // since_ stays: leaving is measured from the beginning of the drain
}

void Core::enter(Phase phase, Reason why) {
  if (phase == Phase::serving) resident_since_ = now_;
  if (phase != Phase::stopping || phase_ != Phase::draining) since_ = now_;
  phase_ = phase;
  reason_ = why;
}

void Core::begin_drain(Reason why) {
  if (phase_ == Phase::draining) {
    if (reason_ != Reason::operator_unload) reason_ = why;  // what an operator sent away does not come back for another reason
    return;
  }
  actions_->push_back(Drain{active_, why});
  enter(Phase::draining, why);
  settle_draining();
}

void Core::abandon_load(Reason why) {
  actions_->push_back(Abandon{active_, why});
  enter(Phase::stopping, why);
}

void Core::grant_all() {
  if (restraint_ == Restraint::no_grants) return;
  while (leases_.size() < slots_) {
    const Waiter* best = best_of(active_);
    if (!best || (settings_.first_come && best != &queue_.front())) return;
    leases_.emplace(best->id, best->priority);
    actions_->push_back(Grant{best->id, active_});
    queue_.erase(queue_.begin() + (best - queue_.data()));
    idle_since_ = now_;
  }
}

// --- questions ---

bool Core::wanted(const ModelId& model) const { return std::ranges::contains(queue_, model, &Waiter::model); }

// Whether it is neither here nor on its way.
bool Core::needs_load(const ModelId& model) const { return model != active_ || (phase_ != Phase::loading && phase_ != Phase::serving); }

std::optional<int> Core::lowest_priority() const {
  if (leases_.empty()) return std::nullopt;
  return std::ranges::min(leases_ | std::views::values);
}

std::optional<TimePoint> Core::undisturbed_since(const ModelId& model) const {
  const bool others_wait = std::ranges::any_of(queue_, [&](const Waiter& w) { return w.model != model; });
  if (phase_ == Phase::loading || !leases_.empty() || others_wait) return std::nullopt;
  return idle_since_;
}

bool Core::before(const Waiter& a, const Waiter& b) const {
  if (a.operator_load != b.operator_load) return a.operator_load;
  if (settings_.first_come) return a.id < b.id;
  const bool a_overdue = overdue(a), b_overdue = overdue(b);
  if (a_overdue != b_overdue) return a_overdue;
  if (!a_overdue && a.priority != b.priority) return a.priority > b.priority;
  return a.arrived != b.arrived ? a.arrived < b.arrived : a.id < b.id;
}

const Core::Waiter* Core::best_of(const ModelId& model) const {
  const Waiter* best = nullptr;
  for (const Waiter& w : queue_) {
    if (w.model == model && !w.operator_load && (!best || before(w, *best))) best = &w;
  }
  return best;
}

const Core::Waiter* Core::best_rival_of(const ModelId& model) const {
  const Waiter* best = nullptr;
  for (const Waiter& w : queue_) {
    if (w.model != model && (!best || before(w, *best))) best = &w;
  }
  return best;
}

ModelId Core::next_model() const {
  if (const Waiter* rival = best_rival_of(active_)) return rival->model;
  return wished_ == active_ ? ModelId() : wished_;
}

std::optional<TimePoint> Core::turn_ends() const {
  if (restraint_ != Restraint::none) return std::nullopt;
  auto oldest = std::ranges::find_if(queue_, [&](const Waiter& w) { return w.model != active_; });
  if (oldest == queue_.end()) return std::nullopt;
  if (std::ranges::any_of(queue_, [&](const Waiter& w) { return w.model != active_ && w.operator_load; })) return resident_since_;
  if (settings_.first_come) return oldest == queue_.begin() ? std::optional(resident_since_) : std::nullopt;
  return std::max(oldest->arrived + settings_.max_wait, resident_since_ + min_residency());
}

std::optional<TimePoint> Core::leaves_at() const {
  return turn_ends().transform([this](TimePoint turn_end) { return or_idle(turn_end); });
}

TimePoint Core::or_idle(TimePoint turn_end) const {
  return idle() ? std::min(turn_end, std::max(resident_since_ + min_residency(), idle_since_ + linger())) : turn_end;
}

std::optional<TimePoint> Core::ttl_ends() const {
  auto terms = settings_.terms.find(active_);
  if (terms == settings_.terms.end() || terms->second.idle_ttl == milliseconds(0)) return std::nullopt;
  if (phase_ != Phase::serving || !leases_.empty() || !queue_.empty()) return std::nullopt;
  return idle_since_ + terms->second.idle_ttl;
}

std::optional<TimePoint> Core::default_returns() const {
  if (settings_.default_model.empty() || settings_.return_to_default_after == milliseconds(0) || shutting_down_) return std::nullopt;
  if (restraint_ != Restraint::none) return std::nullopt;
  if (!queue_.empty() || !leases_.empty() || !may_return_) return std::nullopt;
  const bool may_act = (phase_ == Phase::serving && active_ != settings_.default_model) || (phase_ == Phase::vacant && wished_.empty());
  return may_act ? std::optional(idle_since_ + settings_.return_to_default_after) : std::nullopt;
}

milliseconds Core::load_time(const ModelId& model) const {
  if (auto known = load_times_.find(model); known != load_times_.end()) return known->second;
  auto terms = settings_.terms.find(model);
  return terms == settings_.terms.end() || terms->second.load_time == milliseconds(0) ? kUnmeasuredLoad : terms->second.load_time;
}

milliseconds Core::leave_time() const {
  return leave_time_.value_or(settings_.leave_time == milliseconds(0) ? kUnmeasuredLeave : settings_.leave_time);
}

milliseconds Core::min_residency() const {
  const milliseconds usual = settings_.min_residency.value_or(std::clamp(2 * load_time(active_), kLeastResidency, kMostResidency));
  return std::min(usual, settings_.max_wait);
}

// Waiting for a request that may not come costs the rivals an eighth of a load at most; having left when it comes costs everybody two.
milliseconds Core::linger() const { return settings_.linger.value_or(std::min(load_time(active_) / 8, kMostLinger)); }

milliseconds Core::expected_wait(const ModelId& model, TimePoint now) const {
  const auto passed = duration_cast<milliseconds>(now - since_);
  milliseconds wait{0};
  if (active_ == model && phase_ == Phase::serving) return kLeastRetry;
  if (active_ == model && phase_ == Phase::loading) return std::max(kLeastRetry, load_time(model) - passed);
  if (phase_ == Phase::loading) wait += std::max(milliseconds(0), load_time(active_) - passed) + min_residency();
  if (phase_ == Phase::serving) {
    const auto end = or_idle(turn_ends().value_or(now + settings_.max_wait));
    wait += std::max(milliseconds(0), duration_cast<milliseconds>(end - now));
  }
  if (phase_ != Phase::vacant) wait += leave_time();
  std::set<std::string_view> ahead;
  for (const Waiter& w : queue_) {
    if (w.model != active_ && w.model != model) ahead.insert(w.model);
  }
  for (std::string_view other : ahead) wait += 2 * load_time(ModelId(other)) + leave_time();
  return std::max(kLeastRetry, wait + load_time(model));
}

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

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::requested: return "requested";
    case Reason::operator_load: return "operator_load";
    case Reason::rolled_back: return "rolled_back";
    case Reason::returned_to_default: return "returned_to_default";
    case Reason::pinned: return "pinned";
    case Reason::make_room: return "make_room";
    case Reason::operator_unload: return "operator_unload";
    case Reason::unpinned: return "unpinned";
    case Reason::entry_changed: return "entry_changed";
    case Reason::idle: return "idle";
    case Reason::not_wanted: return "not_wanted";
    case Reason::memory_pressure: return "memory_pressure";
    case Reason::memory_lent: return "memory_lent";
    case Reason::crashed: return "crashed";
    case Reason::shutting_down: return "shutting_down";
  }
  return "unknown";
}

}  // namespace proxy::residency
