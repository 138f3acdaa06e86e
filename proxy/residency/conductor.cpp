#include "proxy/residency/conductor.hpp"

#include <algorithm>
#include <format>

#include "common/overloaded.hpp"
#include "proxy/residency/tier_gate.hpp"

namespace proxy::residency {

using common::Error;
using common::ErrorKind;
using supervisor::Machine;
using supervisor::State;
using supervisor::Wish;

namespace {

// What a pinned model's own place is configured with: it has nobody to make room for, and it stays.
Settings of_own_place(Settings settings, const ModelId& model) {
  settings.default_model.clear();
  settings.terms[model].idle_ttl = milliseconds(0);
  return settings;
}

bool is_listed(const Settings& settings, const ModelId& model) {
  auto terms = settings.terms.find(model);
  return terms != settings.terms.end() && terms->second.pinned;
}

Error unpinned(const ModelId& model) { return Error(ErrorKind::model_unloaded, std::format("{} was unpinned", model)); }

Error cut_off(const std::string& who, const std::string& why) {
  return Error(ErrorKind::memory_pressure, std::format("the answer was cut off: memory is short ({}), and {}", why, who));
}

double mib(std::uint64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

std::string sum_of(const ModelTerms& terms) { return terms.need.empty() ? "the size of its file" : terms.need; }

// A tier that may have nothing has no models at all, whatever is known of them.
std::optional<Error> beyond_its_tier(const ModelId& model, const ModelTerms& terms, std::uint64_t needed, const Settings& settings) {
  if (!terms.most_bytes || (*terms.most_bytes > 0 && needed <= *terms.most_bytes)) return std::nullopt;
  // One that would not fit anyway is told so, with the whole sum.
  if (settings.memory_bytes > 0 && needed > settings.memory_bytes) return std::nullopt;
  const std::string tier(to_string(terms.tier));
  return Error(
      ErrorKind::insufficient_memory,
      std::format("{} is of the tier {}: it needs {:.1f} MiB ({}), and models of that tier may need {:.1f} MiB of the {:.1f} MiB that "
                  "models may take (tiers.{}.memory_percent in the registry; tiers.*.models says which belong to which)",
                  model, tier, mib(needed), sum_of(terms), mib(*terms.most_bytes), mib(settings.memory_bytes), tier));
}

}  // namespace

std::vector<Effect> Conductor::on(const Event& event, TimePoint now) {
  now_ = now;
  take(event);
  if (lent_bytes_ > 0) make_room_for_lent();
  do {
    while (!for_cores_.empty()) {
      const Input input = std::move(for_cores_.front());
      for_cores_.pop_front();
      std::visit(
          [&](const auto& i) {
            if constexpr (requires { i.model; }) {
              tell_core_now(place_for(i.model), input);
            } else {
              for_each_place([&](Place& place) { tell_core_now(place.core, input); });
            }
          },
          input);
    }
    give_up_places();
    if (lent_bytes_ > 0) make_room_for_lent();
  } while (!for_cores_.empty());
  for_each_place([&](Place& place) {
    if (!place.core.active().empty()) worker(place.core.active(), supervisor::Serves{place.core.leases()});
  });
  tell_phases();
  return std::exchange(effects_, {});
}

std::optional<TimePoint> Conductor::next_deadline() const {
  auto next = shared_.core.next_deadline();
  const auto consider = [&next](std::optional<TimePoint> due) {
    if (due) next = next ? std::min(*next, *due) : *due;
  };
  for (const auto& [model, place] : pinned_) consider(place.core.next_deadline());
  for (const auto& [model, machine] : machines_) consider(machine.deadline());
  return next;
}

const Core& Conductor::core_of(const ModelId& model) const {
  auto own = pinned_.find(model);
  return own == pinned_.end() ? shared_.core : own->second.core;
}

template <class Do>
void Conductor::for_each_place(const Do& act) {
  act(shared_);
  for (auto& [model, place] : pinned_) act(place);
}

std::optional<ModelId> Conductor::anybody(bool but_stuck) const {
  const auto counts = [&](const Core& core) { return core.phase() != Phase::vacant && !(but_stuck && why_stuck(core.active())); };
  if (counts(shared_.core)) return shared_.core.active();
  for (const auto& [model, place] : pinned_) {
    if (counts(place.core)) return model;
  }
  return std::nullopt;
}

std::optional<common::Error> Conductor::why_stuck(const ModelId& model) const {
  auto at = machines_.find(model);
  if (at == machines_.end() || at->second.state() != State::unkillable) return std::nullopt;
  return at->second.last_failure();
}

void Conductor::take(const Event& event) {
  std::visit(common::Overloaded{
                 [&](const Arrives& e) { arrives(e); },
                 [&](const Tick&) { tick(); },
                 [&](const Reconfigure& e) { reconfigure(e); },
                 [&](const Pin& e) { pin(e.model); },
                 [&](const Unpin& e) {
                   pin_refusals_.erase(e.model);
                   unpin(e.model, unpinned(e.model));
                 },
                 [&](const Remove& e) {
                   pin_refusals_.erase(e.model);
                   tell_core(e);
                   unpin(e.model, unpinned(e.model));
                 },
                 [&](const FileChanged& e) {
                   worker(e.model, Wish::file_changed);
                   fit_anew();
                 },
                 [&](const Retire& e) {
                   more_is_known_ = true;  // what was said by a worker of the entry before counts no more
                   tell_core(e);
                 },
                 [&](const Strained& e) { strained(e); },
                 [&](const Lend& e) { lend(e); },
                 [&](const Hurry&) { hurry(); },
                 [&](const WorkerEvent& e) {
                   auto known = machines_.find(e.model);
                   if (known == machines_.end() || known->second.run() != e.run) return;
                   worker(e.model, e.what);
                   auto* said = std::get_if<supervisor::Said>(&e.what);
                   if (said && std::holds_alternative<common::Ready>(said->message)) more_is_known_ = true;  // what it is for, among others
                 },
                 [&](const auto& e) { tell_core(e); },
             },
             event);
}

void Conductor::reconfigure(const Reconfigure& event) {
  timeouts_ = event.timeouts;
  for (auto& [model, machine] : machines_) machine.set_timeouts(timeouts_);
  const Settings before = std::exchange(settings_, event.settings);
  settings_since_ = now_;
  // Now, and again when it is known who is pinned: a place that is made, kept or given up in between takes its next step by its settings.
  configure_places();
  // What an operator pinned or unpinned stays so until the registry says something else about that model.
  for (const auto& [model, terms] : before.terms) {
    if (terms.pinned && !is_listed(settings_, model)) pin_refusals_.erase(model), unpin(model, unpinned(model));
  }
  for (const auto& [model, terms] : settings_.terms) {
    if (terms.pinned && !is_listed(before, model)) pin(model);
  }
  keep_within_budget();
  pin_what_fits_now();
  fit_anew();
  limit_caches();
}

// What models take, or what there is for them, is another figure now. Nobody leaves for a model that cannot come, so whoever waits for one
// is told at once.
void Conductor::fit_anew() {
  configure_places();
  for (const auto& [model, terms] : settings_.terms) {
    auto why = never_fits(model);
    if (!why) why = crowded_out(model);
    if (why) tell_core_now(place_for(model), Unfit{model, std::move(*why)});
  }
}

// --- pinned models ---

void Conductor::pin(const ModelId& model) {
  pin_refusals_.erase(model);
  const Machine& machine = machine_of(model);
  auto why = machine.state() == State::unkillable ? machine.refusal(now_) : unfit(model);
  if (why) return refuse_pin(model, std::move(*why));
  auto place = pinned_.find(model);
  if (place == pinned_.end()) place = pinned_.emplace(model, Place{shared_.core.part_with(model)}).first;
  tell_core_now(place->second.core, Stay{model});
  fit_anew();  // the others have less
}

void Conductor::refuse_pin(const ModelId& model, Error why) {
  effects_.push_back(PinRefused{model, why});
  pin_refusals_.insert_or_assign(model, std::move(why));
}

// The place is given up when its model has left.
void Conductor::unpin(const ModelId& model, Error why) {
  if (pinned_.contains(model)) tell_core(Close{model, std::move(why)});
}

// The budget is another one, or a file, or what the registry says of a server.
void Conductor::keep_within_budget() {
  for (auto& [model, place] : pinned_) {
    if (place.core.is_closed()) continue;
    auto why = unfit(model);
    if (!why) continue;
    refuse_pin(model, *why);
    tell_core_now(place.core, Close{model, std::move(*why)});
  }
}

// What the registry lists and was refused, when there is more room or the registry says something else of it. What does not fit by itself
// stays refused and is not loaded for it.
void Conductor::pin_what_fits_now() {
  std::vector<ModelId> fitting;
  for (const auto& [model, why] : pin_refusals_) {
    const bool may_change = why.kind() == ErrorKind::insufficient_memory || why.kind() == ErrorKind::bad_request;
    if (!is_listed(settings_, model) || pinned_.contains(model) || !may_change) continue;
    auto still = unfit(model);
    if (!still) fitting.push_back(model);
    else if (still->message() != why.message()) refuse_pin(model, std::move(*still));
  }
  for (const ModelId& model : fitting) pin(model);
}

void Conductor::configure_places() {
  Settings shared = settings_;
  // It need not return, it is there; or it cannot, and nobody has to leave for that.
  if (pinned_.contains(shared.default_model) || never_fits(shared.default_model) || crowded_out(shared.default_model) ||
      !is_open(shared.default_model))
    shared.default_model.clear();
  tell_core_now(shared_.core, Configure{std::move(shared)});
  for (auto& [model, place] : pinned_) tell_core_now(place.core, Configure{of_own_place(settings_, model)});
}

// What a model takes: its file, or what its worker said when it was loaded last, whichever is more.
std::uint64_t Conductor::bytes_of(const ModelId& model) const {
  auto terms = settings_.terms.find(model);
  auto machine = machines_.find(model);
  return std::max(terms == settings_.terms.end() ? 0 : terms->second.file_bytes,
                  machine == machines_.end() ? 0 : machine->second.resident_bytes());
}

std::uint64_t Conductor::pinned_beside(const ModelId& model) const {
  std::uint64_t bytes = 0;
  for (const auto& [other, place] : pinned_) {
    if (other != model && !place.core.is_closed()) bytes += bytes_of(other);
  }
  return bytes;
}

std::optional<Error> Conductor::never_fits(const ModelId& model) const {
  auto terms = settings_.terms.find(model);
  if (terms == settings_.terms.end()) return std::nullopt;
  // As long as nobody knows better it needs what its file is large.
  const std::uint64_t needed = terms->second.needed_bytes > 0 ? terms->second.needed_bytes : terms->second.file_bytes;
  if (auto why = beyond_its_tier(model, terms->second, needed, settings_)) return why;
  if (settings_.memory_bytes == 0) return std::nullopt;
  const std::uint64_t pinned = pinned_beside(model);
  if (needed <= settings_.memory_bytes - std::min(settings_.memory_bytes, pinned)) return std::nullopt;
  return Error(ErrorKind::insufficient_memory,
               std::format("{} cannot be loaded: it needs {:.1f} MiB ({}), and models may take {:.1f} MiB ({}), of which pinned ones take "
                           "{:.1f} MiB. A smaller context, fewer slots or a smaller cache type would need less; memory.reserve_mib in the "
                           "registry says what is kept free",
                           model, mib(needed), sum_of(terms->second), mib(settings_.memory_bytes), settings_.memory, mib(pinned)));
}

std::optional<Error> Conductor::over_budget(const ModelId& model) const {
  const std::uint64_t others = pinned_beside(model);
  const std::uint64_t bytes = bytes_of(model);
  if (bytes + others <= settings_.pinned_bytes) return std::nullopt;
  return Error(
      ErrorKind::insufficient_memory,
      std::format("{} cannot be pinned: it takes {:.1f} MiB, the other pinned models take {:.1f} MiB, and all of them may hold {:.0f} "
                  "MiB (memory.pinned_mib in the registry)",
                  model, mib(bytes), mib(others), mib(settings_.pinned_bytes)));
}

std::optional<Error> Conductor::unfit(const ModelId& model) const {
  auto terms = settings_.terms.find(model);
  const bool is_foreign = terms != settings_.terms.end() && terms->second.purpose;
  if (generates(model)) {
    return Error(ErrorKind::bad_request,
                 std::format("{} cannot be pinned: it generates text, and one such model is resident at a time; models that embed or "
                             "rerank can be pinned{}",
                             model,
                             is_foreign ? " (of a model that a command runs, \"purpose\" in its catalog entry says whether it does, and "
                                          "generation is the default)"
                                        : ""));
  }
  if (is_foreign && terms->second.file_bytes == 0) {
    return Error(ErrorKind::bad_request,
                 std::format("{} cannot be pinned: what it will hold is not known; \"memory_mib\" in its catalog entry says it", model));
  }
  return over_budget(model);
}

// By what the registry says of a server of somebody else's, and by what the worker said when it was loaded last, if it ever was. What the
// registry says may have been edited since then: of a server that has left, that is all that counts.
bool Conductor::generates(const ModelId& model) const {
  auto machine = machines_.find(model);
  const bool is_said = machine != machines_.end() && !machine->second.ready_info().model.empty() &&
                       machine->second.ready_info().purpose == common::Purpose::generation;
  auto terms = settings_.terms.find(model);
  if (terms == settings_.terms.end() || !terms->second.purpose) return is_said;
  // Whoever said otherwise before an edit counts as long as he is there; his successor, who has said nothing yet, is of the new entry.
  const bool is_there = is_said && machine->second.has_become_ready();
  return *terms->second.purpose == common::Purpose::generation || is_there;
}

// Whoever waits in a place that is closed waits on among the others.
void Conductor::give_up_places() {
  const auto given_up = std::erase_if(pinned_, [&](auto& entry) {
    Core& core = entry.second.core;
    if (!core.is_done()) return false;
    shared_.core.adopt(core.give_up());
    if (!entry.second.told_active.empty()) effects_.push_back(PhaseChanged{entry.first, Phase::vacant, core.reason(), true});
    return true;
  });
  if (!std::exchange(more_is_known_, false) && !given_up) return;
  pin_what_fits_now();
  if (given_up) fit_anew();  // those who wait on among the others, too
}

void Conductor::tell_phases() {
  for_each_place([&](Place& place) {
    const Core& core = place.core;
    if (core.phase() == place.told_phase && core.active() == place.told_active) return;
    const bool is_pinned = !core.own().empty();
    effects_.push_back(PhaseChanged{is_pinned ? core.own() : core.active(), core.phase(), core.reason(), is_pinned});
    place.told_phase = core.phase();
    place.told_active = core.active();
  });
}

// --- when memory is short ---

void Conductor::strained(const Strained& event) {
  const Rung from = std::exchange(rung_, event.rung);
  strained_why_ = event.why;
  strained_for_ = event.retry_after;
  effects_.push_back(PressureChanged{from, rung_, event.why});
  const Restraint restraint = rung_ >= Rung::cancel_lowest    ? Restraint::no_grants
                              : rung_ >= Rung::stop_admitting ? Restraint::no_loads
                                                              : Restraint::none;
  const Error refused =
      Error(ErrorKind::memory_pressure,
            std::format("nothing is loaded while memory is short: {}. It is tried again as soon as there is enough", event.why))
          .retry_after(event.retry_after);
  for_each_place([&](Place& place) { tell_core_now(place.core, Restrain{restraint, refused}); });
  for (int rung = static_cast<int>(from) + 1; rung <= static_cast<int>(rung_); ++rung) climb(static_cast<Rung>(rung), refused);
  limit_caches();
}

// What is done once on the way up; what holds as long as a rung does is in strained() and cache_limit().
void Conductor::climb(Rung rung, const Error& why) {
  switch (rung) {
    case Rung::none:
    case Rung::stop_admitting:
    case Rung::shrink_caches: return;
    case Rung::drop_saved: effects_.push_back(DropSaved{}); return;
    case Rung::cancel_lowest: {
      std::optional<int> lowest;
      for_each_place([&](const Place& place) {
        if (auto here = place.core.lowest_priority()) lowest = lowest ? std::min(*lowest, *here) : *here;
      });
      if (!lowest) return;
      const Error cut =
          cut_off("requests of the lowest priority end first", strained_why_).retry_after(why.retry_after().value_or(milliseconds(0)));
      for_each_place([&](Place& place) { tell_core_now(place.core, CancelClass{*lowest, cut}); });
      return;
    }
    case Rung::unload: tell_core_now(shared_.core, GiveUp{Reason::memory_pressure}); return hasten(shared_.core.active());
    case Rung::unload_pinned:
      for (auto& [model, place] : pinned_) {
        tell_core_now(place.core, GiveUp{Reason::memory_pressure});
        hasten(model);
      }
      return;
  }
}

void Conductor::hasten(const ModelId& model) {
  if (!model.empty()) worker(model, Wish::hasten);
}

// --- what is lent ---

void Conductor::lend(const Lend& event) {
  const bool more_left = event.bytes < lent_bytes_;
  lent_bytes_ = event.bytes;
  lent_until_ = now_ + event.left;
  fit_anew();
  // Those that had to leave; whoever still does not fit is refused again.
  if (more_left) {
    for (auto& [model, place] : pinned_) {
      if (place.core.phase() == Phase::vacant && !place.core.is_closed()) tell_core_now(place.core, Stay{model});
    }
  }
  limit_caches();
}

// Who does not fit any more leaves, the resident first: it needs room beside the pinned ones.
void Conductor::make_room_for_lent() {
  for_each_place([&](Place& place) {
    const ModelId model = place.core.active();
    const Phase phase = place.core.phase();
    if (model.empty() || phase == Phase::stopping || (phase == Phase::draining && place.core.reason() == Reason::memory_lent)) return;
    if (crowded_out(model)) tell_core_now(place.core, GiveUp{Reason::memory_lent});
  });
}

std::optional<Error> Conductor::crowded_out(const ModelId& model) const {
  if (lent_bytes_ == 0 || settings_.memory_bytes == 0) return std::nullopt;
  // Pinned models go in the order of their names, so that some of them may stay.
  std::uint64_t beside = 0;
  const bool is_pinned = pinned_.contains(model);
  for (const auto& [other, place] : pinned_) {
    if (other != model && !place.core.is_closed() && (!is_pinned || other < model)) beside += taken_by(other);
  }
  const std::uint64_t left = settings_.memory_bytes - std::min(settings_.memory_bytes, lent_bytes_), taken = taken_by(model);
  if (taken + beside <= left) return std::nullopt;
  return Error(
             ErrorKind::memory_pressure,
             std::format("{} cannot be loaded now: it needs {:.1f} MiB, and of the {:.1f} MiB that models may take {:.1f} MiB are lent and "
                         "{:.1f} MiB belong to pinned models. GET /admin/v1/memory says until when; DELETE /admin/v1/memory/lease/ID ends "
                         "a lease sooner",
                         model, mib(taken), mib(settings_.memory_bytes), mib(lent_bytes_), mib(beside)))
      .retry_after(std::max(milliseconds(0), std::chrono::ceil<milliseconds>(lent_until_ - now_)));
}

bool Conductor::is_open(const ModelId& model) const {
  auto terms = settings_.terms.find(model);
  return terms == settings_.terms.end() || !opens_in(terms->second, settings_since_, now_);
}

std::optional<Error> Conductor::held_back(const ModelId& model, TimePoint now) const {
  auto terms = settings_.terms.find(model);
  if (terms == settings_.terms.end() || pinned_.contains(model)) return std::nullopt;
  const Core& core = shared_.core;
  if (core.active() == model && !core.makes_room()) return std::nullopt;  // it is here, or on its way
  auto why = outside_hours(model, terms->second, settings_since_, now);
  if (!why) why = disturbs(model, terms->second, core, now);
  return why;
}

std::uint64_t Conductor::taken_by(const ModelId& model) const {
  auto terms = settings_.terms.find(model);
  return std::max(bytes_of(model), terms == settings_.terms.end() ? 0 : terms->second.needed_bytes);
}

// What each worker may keep of prompts in memory; nothing: what it was told when it was loaded.
std::optional<std::uint64_t> Conductor::cache_limit() const {
  if (rung_ >= Rung::shrink_caches) return 0;
  if (lent_bytes_ == 0 || settings_.memory_bytes == 0) return std::nullopt;
  std::uint64_t taken = lent_bytes_ + (shared_.core.active().empty() ? 0 : taken_by(shared_.core.active()));
  for (const auto& [model, place] : pinned_) taken += taken_by(model);
  return settings_.memory_bytes - std::min(settings_.memory_bytes, taken);
}

void Conductor::limit_caches() {
  const auto limit = cache_limit();
  for (const auto& [model, machine] : machines_) {
    if (machine.state() != State::ready && machine.state() != State::draining) continue;
    auto& told = cache_limits_[model];
    if (told == limit) continue;
    told = limit;
    effects_.push_back(ShrinkCaches{model, machine.run(), limit});
  }
}

// --- the others ---

// Refused before anything is evicted for it, when its supervisor would not start it anyway or the machine is too small for it.
void Conductor::arrives(const Arrives& event) {
  Machine& machine = machine_of(event.model);
  if (event.operator_load) worker(event.model, Wish::reset);
  auto why = machine.refusal(now_);
  const bool is_there = core_of(event.model).active() == event.model;  // and has proved that it fits
  if (!why && !is_there) why = never_fits(event.model);
  if (!why && !is_there) why = crowded_out(event.model);
  if (!why && !event.operator_load) why = held_back(event.model, now_);
  if (why) {
    effects_.push_back(Reject{event.waiter, std::move(*why)});
    return;
  }
  tell_core(event);
}

void Conductor::tick() {
  for (auto& [model, machine] : machines_) {
    if (auto due = machine.deadline(); due && *due <= now_) worker(model, supervisor::Tick{});
  }
  tell_core(Tick{});
}

void Conductor::hurry() {
  hurried_ = true;
  for_each_place([&](Place& place) {
    if (place.core.phase() == Phase::draining) tell_core(DrainExpired{place.core.active()});
  });
  for (auto& [model, machine] : machines_) worker(model, Wish::kill_now);
}

void Conductor::worker(const ModelId& model, const supervisor::Input& input) {
  Machine& machine = machine_of(model);
  std::vector<supervisor::Output> outputs;
  machine.on(input, now_, outputs);
  for (const supervisor::Output& output : outputs) heed(model, machine, output);
}

void Conductor::tell_core(Input input) { for_cores_.push_back(std::move(input)); }

void Conductor::tell_core_now(Core& core, const Input& input) {
  std::vector<Action> actions;
  core.on(input, now_, actions);
  for (const Action& action : actions) carry_out(action);
}

void Conductor::carry_out(const Action& action) {
  std::visit(common::Overloaded{
                 [&](const Grant& a) { effects_.push_back(a); },
                 [&](const Confirm& a) { effects_.push_back(a); },
                 [&](const Reject& a) { effects_.push_back(a); },
                 [&](const Start& a) { start(a); },
                 [&](const Drain& a) { worker(a.model, Wish::evict); },
                 [&](const Keep& a) { worker(a.model, Wish::keep); },
                 [&](const Stop& a) { worker(a.model, Wish::drained); },
                 [&](const Abandon& a) { worker(a.model, Wish::abandon); },
                 [&](const EndLease& a) { effects_.push_back(LeaseEnds{a.waiter, a.why}); },
                 [&](const EndLeases& a) {
                   if (machine_of(a.model).hastened() && !hurried_) {
                     effects_.push_back(LeasesEnd{
                         a.model, cut_off(std::format("{} has to leave at once", a.model), strained_why_).retry_after(strained_for_)});
                     return;
                   }
                   const std::string reason = hurried_ ? "the daemon was told to stop at once"
                                                       : std::format("{} has to leave and the drain deadline of {:.1f} s has passed",
                                                                     a.model, static_cast<double>(timeouts_.drain.count()) / 1000);
                   effects_.push_back(LeasesEnd{a.model, Error(ErrorKind::model_evicted, "the answer was cut off: " + reason)});
                 },
             },
             action);
}

void Conductor::start(const Start& action) {
  auto why = machine_of(action.model).refusal(now_);
  if (!why) why = never_fits(action.model);
  if (!why) why = crowded_out(action.model);
  if (why) return tell_core(Refused{action.model, std::move(*why)});
  worker(action.model, Wish::start);
}

void Conductor::heed(const ModelId& model, Machine& machine, const supervisor::Output& output) {
  std::visit(common::Overloaded{
                 [&](supervisor::Order order) { effects_.push_back(WorkerOrder{model, machine.run(), order}); },
                 [&](const supervisor::BecameReady&) {
                   const auto waited = std::chrono::duration_cast<milliseconds>(machine.device_wait());
                   tell_core(Ready{.model = model, .slots = machine.ready_info().slots, .waited = waited});
                   fit_anew();  // it has said what it holds
                   cache_limits_.erase(model);  // a new worker has been told nothing yet
                   limit_caches();
                 },
                 [&](const supervisor::DrainExpired&) { tell_core(DrainExpired{model}); },
                 [&](const supervisor::Lost& o) {
                   effects_.push_back(LeasesEnd{model, o.cause});
                   tell_core(Lost{model});
                 },
                 [&](const supervisor::Stuck& o) { tell_core(Stuck{model, o.why}); },
                 [&](const supervisor::Gone& o) {
                   more_is_known_ = true;
                   effects_.push_back(WorkerGone{model, machine.run(), o.cause, pinned_.contains(model)});
                   tell_core(Gone{model, o.cause});
                 },
                 [&](const supervisor::Moved& o) {
                   const bool is_pinned = pinned_.contains(model);
                   effects_.push_back(WorkerMoved{model, o, is_pinned});
                   if (!is_pinned || o.to != State::probing) return;
                   auto why = unfit(model);
                   if (!why) return;
                   refuse_pin(model, *why);
                   unpin(model, std::move(*why));
                 },
             },
             output);
}

Machine& Conductor::machine_of(const ModelId& model) { return machines_.try_emplace(model, model, timeouts_).first->second; }

}  // namespace proxy::residency
