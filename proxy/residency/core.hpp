// Who may be loaded now, as a pure state machine: inputs in, actions out. No I/O, no clock of its own, no await.
//
// At most one model is `active` at any instant: from the moment its worker is started until the worker is reported gone. Whatever path
// asks for a load (a request, an operator, a return to the default model) goes through the same queue and the same steps:
//
//   vacant    nobody is there. The next model is the one of the best waiter, else the one that is wished for (below).
//   loading   its waiters ride along. Given up when nobody wants it any more.
//   serving   waiters for it are granted while it has free slots and its turn lasts.
//   draining  no new grants, running leases finish; taken back when nobody else wants the place any more.
//   stopping  until its worker is gone and its memory back.
//
// A turn lasts while nobody waits for another model. With such a rival it ends when the resident is idle or when the oldest rival has
// waited `max_wait`, whichever is first, but not before `min_residency`. A resident counts as idle once it has had no request for `linger`:
// whoever has just got an answer often asks the same model again, and to have left in that moment costs two swaps (S. Iyer and P. Druschel,
// "Anticipatory scheduling", SOSP 2001, call it deceptive idleness). The next model is that of the best rival: those who have waited
// max_wait first, in order of arrival; then by priority, then by arrival. So with k contending models nobody waits longer for his model
// than what is left of the swap under way plus (k - 1) x (max_wait + swap), a swap being drain, stop and load. docs/residency.md derives
// that.
//
// A pinned model has a place of its own beside that of the others: one more Core, which the Conductor makes with part_with(). Nobody
// contends for such a place; the model stays in it, and comes back after a crash.
//
// While memory is short a place is under a Restraint: it loads nothing (whoever asks for a load is refused, whoever waited already waits
// on, the resident serves on and makes room for nobody), and under the stronger one it grants nothing either. What has to give its memory
// up drains and stops; its waiters stay, and it comes back for them, or by the ordinary rules, when it may.
//
// A load that fails brings the model back that had to leave for it. Every waiter ends in exactly one grant, confirmation, refusal or
// departure; every grant in exactly one release.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "common/clock.hpp"
#include "common/result.hpp"
#include "common/worker_protocol.hpp"
#include "registry/tiers.hpp"

namespace proxy::residency {

using WaiterId = std::uint64_t;
using ModelId = std::string;
using common::TimePoint;
using std::chrono::milliseconds;

enum class Phase { vacant, loading, serving, draining, stopping };

// Why a model is loaded or has to leave: told in events and in the journal.
enum class Reason {
  requested,            // a request waits for it
  operator_load,        // an operator does
  rolled_back,          // the load that it had to leave for failed
  returned_to_default,  // nobody wanted anything for a while
  pinned,               // it has a place of its own
  make_room,            // others wait for another model
  operator_unload,
  unpinned,         // its own place is given up
  entry_changed,    // in the registry
  idle,             // longer than its idle_ttl
  not_wanted,       // everybody who waited for its load has left
  memory_pressure,  // memory is short
  memory_lent,      // its memory was asked for, for a while
  crashed,
  shutting_down,
};

// What an operator may set for one model.
struct ModelTerms {
  milliseconds idle_ttl{0};        // unloaded after so long without a request; 0: stays
  std::uint64_t max_requests = 0;  // running and waiting; 0: no limit of its own
  bool pinned = false;             // by the registry
  std::uint64_t file_bytes = 0;    // of its artifact, or what the registry says that its server holds; 0: not known
  std::optional<common::Purpose> purpose;  // of a server of somebody else's, as the registry says; nothing: its worker will say it
  std::uint64_t needed_bytes = 0;  // of memory, once it is loaded; 0: not known
  std::string need;                // how that is made up, for the error that refuses it
  milliseconds load_time{0};       // that is expected, until one has been measured; 0: not known
  // Of its tier (registry/tiers.hpp).
  registry::Tier tier = registry::Tier::interactive;
  std::optional<std::uint64_t> most_bytes;  // that it may need; nothing: all that there is
  milliseconds evicts_after_idle{0};        // for so long nobody must have wanted the resident before it takes its place
  std::string hours;                        // at which it may be loaded; empty: always
  milliseconds opens_in{0};                 // from when this was set, until it may; 0: it may
};

struct Settings {
  milliseconds queue_timeout{600'000};
  std::uint64_t max_queue = 64;          // waiting, all models together
  std::uint64_t max_queue_per_key = 16;  // waiting, of one API key
  milliseconds max_wait{20'000};
  std::optional<milliseconds> min_residency;  // nothing: twice the measured load time, 1 to 30 s; never longer than max_wait
  std::optional<milliseconds> linger;         // nothing: an eighth of the measured load time, at most 2 s
  ModelId default_model;                      // empty: none
  milliseconds return_to_default_after{0};    // 0: never
  std::uint64_t pinned_bytes = 2ull << 30;    // what all pinned models together may hold
  std::uint64_t memory_bytes = 0;             // what all models together may take; 0: not known, nothing is refused for it
  std::string memory;                         // how that is made up
  milliseconds leave_time{0};                 // that is expected, until one has been measured; 0: not known
  bool first_come = false;                    // plain order of arrival, for comparison (bench contention)
  std::map<ModelId, ModelTerms> terms;
};

// --- inputs ---

struct Arrives {
  WaiterId waiter = 0;
  ModelId model;
  int priority = 0;            // of its role; higher is served first
  std::string key;             // who asks: its API key, empty when there are none
  bool operator_load = false;  // wants the model ready, not a slot; does not wait for anybody's turn to end
};
struct Leaves {  // a waiter that has not been granted yet
  WaiterId waiter = 0;
};
struct Released {  // a lease came back
  WaiterId waiter = 0;
};
struct Unload {  // an operator wants the model out; its waiters are told
  ModelId model;
};
struct Retire {  // the registry changed the model under us: drain and stop it, waiters stay and get the new one
  ModelId model;
};
struct Remove {  // the registry has no such model any more: its waiters are told, it drains and stops
  ModelId model;
};
struct Stay {  // this place is the model's own: it is to be there although nobody asks for it
  ModelId model;
};
struct Close {  // this place is given up: what is there drains and stops, nothing is started any more
  ModelId model;
  common::Error why;  // for operators who wait: they asked for this place
};
struct Ready {
  ModelId model;
  std::uint64_t slots = 1;
  milliseconds waited{0};  // for what was there before: no part of its load
};
struct DrainExpired {
  ModelId model;
};
struct Lost {  // its worker serves no more, and its leases were told; Gone follows
  ModelId model;
};
struct Stuck {  // its worker cannot be ended; nothing can be loaded until it is gone
  ModelId model;
  common::Error why;
};
struct Gone {
  ModelId model;
  std::optional<common::Error> cause;
};
struct Refused {  // the supervisor will not start it now
  ModelId model;
  common::Error why;
};
struct Unfit {  // the model can never be loaded: whoever waits for it is told, unless it is here already
  ModelId model;
  common::Error why;
};
struct Configure {
  Settings settings;
};
enum class Restraint { none, no_loads, no_grants };
struct Restrain {
  Restraint restraint = Restraint::none;
  common::Error why;  // for whoever is refused
};
struct CancelClass {  // what runs for waiters of this priority or a lower one ends now
  int priority = 0;
  common::Error why;
};
struct GiveUp {  // its memory is needed: what is here drains and stops, its waiters stay
  Reason why = Reason::memory_pressure;
};
struct Tick {};      // a deadline of next_deadline() may have passed
struct ShutDown {};  // refuse everybody, drain, stop

using Input = std::variant<Arrives, Leaves, Released, Unload, Retire, Remove, Stay, Close, Ready, DrainExpired, Lost, Stuck, Gone, Refused,
                           Unfit, Configure, Restrain, CancelClass, GiveUp, Tick, ShutDown>;

// --- actions ---

struct Grant {
  WaiterId waiter = 0;
  ModelId model;
};
struct Confirm {  // to a waiter that only wanted the model ready
  WaiterId waiter = 0;
};
struct Reject {
  WaiterId waiter = 0;
  common::Error why;
};
struct Start {
  ModelId model;
  Reason why;
};
struct Drain {
  ModelId model;
  Reason why;
};
struct Keep {  // the drain is taken back
  ModelId model;
};
struct Stop {  // no lease is left
  ModelId model;
};
struct Abandon {  // stop a load
  ModelId model;
  Reason why;
};
struct EndLease {  // this one must end now
  WaiterId waiter = 0;
  common::Error why;
};
struct EndLeases {  // what still runs on it must end now, with model_evicted
  ModelId model;
};

using Action = std::variant<Grant, Confirm, Reject, Start, Drain, Keep, Stop, Abandon, EndLease, EndLeases>;

class Core {
 public:
  explicit Core(Settings settings = {}) : settings_(std::move(settings)) {}

  // Appends to `actions`.
  void on(const Input& input, TimePoint now, std::vector<Action>& actions);
  // When something has to happen although nothing else does.
  std::optional<TimePoint> next_deadline() const;

  struct Waiter {
    WaiterId id = 0;
    ModelId model;
    int priority = 0;
    std::string key;
    bool operator_load = false;
    TimePoint arrived;
  };

  // Gives `model` a place of its own and returns that, with the waiters for it and, if it was here, its worker and leases. This place is
  // then free of it.
  Core part_with(const ModelId& model);
  // Takes over who waited elsewhere. Nothing is decided before the next input.
  void adopt(std::vector<Waiter> waiters);
  bool is_closed() const { return closed_; }
  // A place that is closed and empty has no use any more: hands its waiters over.
  bool is_done() const { return closed_ && phase_ == Phase::vacant; }
  std::vector<Waiter> give_up() { return std::exchange(queue_, {}); }

  const Settings& settings() const { return settings_; }
  Phase phase() const { return phase_; }
  const ModelId& active() const { return active_; }  // empty when vacant
  const ModelId& own() const { return own_; }        // whose own place this is; empty: everybody's
  Reason reason() const { return reason_; }          // of the phase: why it is loaded, why it leaves
  TimePoint since() const { return since_; }         // when the phase began; of stopping: the drain before it
  // It leaves for others: what is asked of it from now on has to be loaded again.
  bool makes_room() const { return (phase_ == Phase::draining || phase_ == Phase::stopping) && reason_ == Reason::make_room; }
  std::size_t leases() const { return leases_.size(); }
  std::optional<int> lowest_priority() const;  // of what runs; nothing runs: nothing
  // Since when nobody has wanted the resident, nor anything else but `model`; nothing: somebody does, or it is on its way in.
  std::optional<TimePoint> undisturbed_since(const ModelId& model) const;
  std::size_t leases_of(const ModelId& model) const { return model == active_ ? leases_.size() : 0; }
  const std::vector<Waiter>& queue() const { return queue_; }  // in order of arrival
  // Who would come if the place were free now; empty: nobody.
  ModelId next_model() const;
  bool shutting_down() const { return shutting_down_; }
  // How long somebody who asked for `model` now would wait for it to be ready, from measured times.
  milliseconds expected_wait(const ModelId& model, TimePoint now) const;
  milliseconds min_residency() const;
  milliseconds linger() const;

 private:
  void arrives(const Arrives& input);
  void unload(const ModelId& model, common::Error why);
  void stay(const Stay& input);
  void close(const Close& input);
  void let_go(Reason why);
  void restrain(const Restrain& input);
  void cancel_class(const CancelClass& input);
  void give_up_place(Reason why);
  void ready(const Ready& input);
  void gone(const Gone& input);
  void refused(const Refused& input);
  void shut_down();
  std::optional<common::Error> refusal_of(const Arrives& input) const;
  void reject_waiters_of(const ModelId& model, const common::Error& why);
  void reject_all(const common::Error& why);
  void reject_overdue();

  // Takes every step that the state allows.
  void settle();
  void settle_vacant();
  void settle_loading();
  void settle_serving();
  void settle_draining();

  void enter(Phase phase, Reason why);
  void begin_drain(Reason why);
  void abandon_load(Reason why);
  void load_failed(const ModelId& model, const common::Error& why);
  void grant_all();
  bool wanted(const ModelId& model) const;
  bool needs_load(const ModelId& model) const;
  bool overdue(const Waiter& waiter) const { return now_ >= waiter.arrived + settings_.max_wait; }
  bool before(const Waiter& a, const Waiter& b) const;
  // The best waiter whose model is (not) `model`; null when there is none.
  const Waiter* best_of(const ModelId& model) const;
  const Waiter* best_rival_of(const ModelId& model) const;
  // When the resident's turn ends if it works for so long, and as things are; nothing: nobody else waits, or nobody else could be loaded.
  std::optional<TimePoint> turn_ends() const;
  std::optional<TimePoint> leaves_at() const;
  // The end of a turn, or that of its idleness if that comes before.
  TimePoint or_idle(TimePoint turn_end) const;
  std::optional<TimePoint> ttl_ends() const;
  std::optional<TimePoint> default_returns() const;
  bool idle() const { return leases_.empty() && !wanted(active_); }
  milliseconds load_time(const ModelId& model) const;
  milliseconds leave_time() const;

  Settings settings_;
  Phase phase_ = Phase::vacant;
  Reason reason_ = Reason::requested;
  TimePoint since_;  // the phase began; of stopping: the drain before it
  TimePoint resident_since_;
  TimePoint idle_since_;  // the latest grant, release or load
  ModelId active_;
  std::uint64_t slots_ = 0;
  std::map<WaiterId, int> leases_;  // on the active model, with the priorities of their roles
  std::map<WaiterId, int> stale_;   // on a worker that serves no more; each still owes its release
  std::vector<Waiter> queue_;       // in order of arrival
  ModelId made_room_;               // left for others: not loaded again while they wait
  ModelId fallback_;                // was resident before the load that is going on
  ModelId wished_;                  // to be loaded when nobody waits for anything
  Reason wished_why_ = Reason::rolled_back;
  bool may_return_ = false;  // another model than the default has been resident since the default left
  ModelId own_;              // whose own place this is; empty: everybody's
  bool closed_ = false;      // it is given up
  std::optional<common::Error> stuck_;
  Restraint restraint_ = Restraint::none;
  common::Error restrained_why_;
  bool shutting_down_ = false;

  std::map<ModelId, milliseconds> load_times_;  // measured, start to ready
  std::optional<milliseconds> leave_time_;      // measured, the latest drain and stop

  // Of the input in hand.
  TimePoint now_;
  std::vector<Action>* actions_ = nullptr;
};

std::string_view to_string(Phase phase);
std::string_view to_string(Reason reason);

}  // namespace proxy::residency
