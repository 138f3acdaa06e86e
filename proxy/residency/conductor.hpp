// All that the daemon decides about models, in one pure machine: the Core of the place that models take turns in (who may be loaded now),
// one more for each pinned model, which has a place to itself, and one supervisor::Machine for each model (how its worker is brought into
// that state), wired together. Events in, effects out; no I/O, no clock of its own.
//
// Only models that embed or rerank can be pinned, because one model that generates is resident at a time, and together they may hold
// Settings::pinned_bytes. The size of the file is looked at before a load, what the worker says it holds after it. Of a server of somebody
// else's the registry has to say both beforehand, what it is for and what it will hold. A model that may not have a place of its own takes
// turns with the others, and pin_refusals() says why.
//
// When memory is short (pressure.hpp says when) it does what the rung says, in this order: loads nothing, has caches shrunk, has saved
// states dropped, ends the requests of the lowest priority, lets the resident go, lets the pinned ones go. What is lent of the budget of
// models (memory_leases.hpp) they have to leave free: caches shrink to what is left, and who does not fit drains and leaves, the resident
// before the pinned ones. Both come to an end by themselves, and then everything that was there comes back by the ordinary rules.
//
// What a model's tier says (registry/tiers.hpp, tier_gate.hpp) is looked at where a request arrives: a model that needs more than its tier
// may have is refused like one that does not fit at all, one that may be loaded at other hours, or only when nobody is at work, is told
// when to come back. What operators load, what is pinned and who waits already is not asked for its hours.
//
// Owned by Residency, which carries the effects out; tests/simulation runs it against a simulated system, and journal.hpp writes down and
// replays what came in.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "proxy/residency/core.hpp"
#include "proxy/residency/pressure.hpp"
#include "proxy/supervisor/machine.hpp"

namespace proxy::residency {

// --- events, besides those inputs of the core that come from outside ---

struct Reconfigure {
  Settings settings;
  supervisor::Timeouts timeouts;
};
struct Pin {  // gives a model a place of its own, and loads it
  ModelId model;
};
struct Unpin {  // takes it back
  ModelId model;
};
// The artifact of a model is another than it was: what was held against it is forgotten. Remove or Retire follows, when the new entry is
// known, unless the worker that is there is one of that file already.
struct FileChanged {
  ModelId model;
};
struct Strained {  // the pressure ladder took a step
  Rung rung = Rung::none;
  std::string why;
  milliseconds retry_after{0};  // for those who are refused
};
struct Lend {  // so much of what models may take is lent from now on
  std::uint64_t bytes = 0;
  milliseconds left{0};  // until there may be more again
};
struct Hurry {};  // no more patience with anything that runs
struct WorkerEvent {
  ModelId model;
  int run = 0;  // of the machine; what an earlier run still has to say is ignored
  supervisor::Input what;
};

using Event = std::variant<Arrives, Leaves, Released, Unload, Retire, Remove, Tick, ShutDown, Reconfigure, Pin, Unpin, FileChanged,
                           Strained, Lend, Hurry, WorkerEvent>;

// --- effects, besides Grant, Confirm and Reject ---

struct LeasesEnd {  // whoever still holds a lease on it is told why it ends now
  ModelId model;
  common::Error why;
};
struct LeaseEnds {  // likewise, this one
  WaiterId waiter = 0;
  common::Error why;
};
struct ShrinkCaches {  // a worker keeps no more than so much of prompts in memory; nothing: as it was told when it was loaded
  ModelId model;
  int run = 0;
  std::optional<std::uint64_t> keep_bytes;
};
struct DropSaved {};  // what is written down of conversations goes
struct PressureChanged {
  Rung from = Rung::none;
  Rung to = Rung::none;
  std::string why;
};
struct WorkerOrder {
  ModelId model;
  int run = 0;
  supervisor::Order order;
};
struct WorkerMoved {
  ModelId model;
  supervisor::Moved moved;
  bool pinned = false;
};
struct WorkerGone {
  ModelId model;
  int run = 0;
  std::optional<common::Error> cause;
  bool pinned = false;
};
struct PhaseChanged {
  ModelId model;  // empty: nobody is there; of a pinned model's own place: that model
  Phase phase;
  Reason why;
  bool pinned = false;
};
struct PinRefused {
  ModelId model;
  common::Error why;
};

using Effect = std::variant<Grant, Confirm, Reject, LeasesEnd, LeaseEnds, ShrinkCaches, DropSaved, PressureChanged, WorkerOrder,
                            WorkerMoved, WorkerGone, PhaseChanged, PinRefused>;

class Conductor {
 public:
  // Where one model can be. `told_...`: the latest PhaseChanged.
  struct Place {
    Core core;
    Phase told_phase = Phase::vacant;
    ModelId told_active = {};
  };

  explicit Conductor(Reconfigure initial = {})
      : settings_(initial.settings), timeouts_(initial.timeouts), shared_{Core(initial.settings)} {}

  std::vector<Effect> on(const Event& event, TimePoint now);
  std::optional<TimePoint> next_deadline() const;

  // Of the place that models take turns in.
  const Core& core() const { return shared_.core; }
  // Of the place that `model` is in or would come to.
  const Core& core_of(const ModelId& model) const;
  const std::map<ModelId, Place>& pinned() const { return pinned_; }
  // The models that were to be pinned and may not.
  const std::map<ModelId, common::Error>& pin_refusals() const { return pin_refusals_; }
  const std::map<ModelId, supervisor::Machine>& machines() const { return machines_; }
  const supervisor::Machine& machine(const ModelId& model) const { return machines_.at(model); }
  // What pinned models other than this one take. Room is kept for each of them, whether it is there or not.
  std::uint64_t pinned_beside(const ModelId& model) const;
  // Why a model cannot be loaded, whoever leaves: it needs more memory than there is for it.
  std::optional<common::Error> never_fits(const ModelId& model) const;
  // Why it cannot be loaded now: too much of the budget is lent.
  std::optional<common::Error> crowded_out(const ModelId& model) const;
  // Why a request may not have it loaded now, by the terms of its tier: it is outside its hours, or somebody is at work with the resident.
  // Nothing: it may, or it is here.
  std::optional<common::Error> held_back(const ModelId& model, TimePoint now) const;
  // What it holds or will hold of the budget.
  std::uint64_t taken_by(const ModelId& model) const;
  Rung rung() const { return rung_; }
  std::uint64_t lent_bytes() const { return lent_bytes_; }
  std::uint64_t memory_bytes() const { return settings_.memory_bytes; }  // what models may take when nothing is lent
  // A model that is somewhere; nothing: every place is vacant. `but_stuck`: one of which it is known when it will have gone, at the latest.
  std::optional<ModelId> anybody(bool but_stuck = false) const;
  // Why nobody knows when it will have gone: it is unkillable.
  std::optional<common::Error> why_stuck(const ModelId& model) const;

 private:
  void take(const Event& event);
  void reconfigure(const Reconfigure& event);
  void pin(const ModelId& model);
  void unpin(const ModelId& model, common::Error why);
  void refuse_pin(const ModelId& model, common::Error why);
  void keep_within_budget();
  void fit_anew();
  void pin_what_fits_now();
  void configure_places();
  std::uint64_t bytes_of(const ModelId& model) const;
  std::optional<common::Error> over_budget(const ModelId& model) const;
  std::optional<common::Error> unfit(const ModelId& model) const;
  bool generates(const ModelId& model) const;
  void give_up_places();
  void strained(const Strained& event);
  void climb(Rung rung, const common::Error& why);
  void lend(const Lend& event);
  void make_room_for_lent();
  void limit_caches();
  std::optional<std::uint64_t> cache_limit() const;
  void hasten(const ModelId& model);
  void tell_phases();
  Core& place_for(const ModelId& model) { return const_cast<Core&>(core_of(model)); }
  template <class Do>
  void for_each_place(const Do& act);
  void arrives(const Arrives& event);
  void tick();
  void hurry();
  void worker(const ModelId& model, const supervisor::Input& input);
  void tell_core(Input input);
  void tell_core_now(Core& core, const Input& input);
  void carry_out(const Action& action);
  void heed(const ModelId& model, supervisor::Machine& machine, const supervisor::Output& output);
  void start(const Start& action);
  supervisor::Machine& machine_of(const ModelId& model);
  bool is_open(const ModelId& model) const;

  Settings settings_;
  TimePoint settings_since_;
  supervisor::Timeouts timeouts_;
  Place shared_;
  std::map<ModelId, Place> pinned_;
  std::map<ModelId, common::Error> pin_refusals_;
  std::map<ModelId, supervisor::Machine> machines_;
  bool hurried_ = false;
  bool more_is_known_ = false;  // of somebody's worker or entry, and nobody has looked yet who can be pinned now
  Rung rung_ = Rung::none;
  std::string strained_why_;
  milliseconds strained_for_{0};
  std::uint64_t lent_bytes_ = 0;
  TimePoint lent_until_;
  std::map<ModelId, std::optional<std::uint64_t>> cache_limits_;  // as the running workers were told

  // Of the event in hand.
  TimePoint now_;
  std::vector<Effect> effects_;
  std::deque<Input> for_cores_;  // in order; each may bring the next
};

}  // namespace proxy::residency
