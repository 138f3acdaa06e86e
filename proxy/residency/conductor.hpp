// All that the daemon decides about models, in one pure machine: the Core (who may be loaded now) and one supervisor::Machine for each
// model (how its worker is brought into that state), wired together. Events in, effects out; no I/O, no clock of its own.
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
#include "proxy/supervisor/machine.hpp"

namespace proxy::residency {

// --- events, besides those inputs of the core that come from outside ---

struct Reconfigure {
  Settings settings;
  supervisor::Timeouts timeouts;
};
struct FileChanged {  // the artifact of a model is another than it was: what was held against it is forgotten
  ModelId model;
};
struct Hurry {};  // no more patience with anything that runs
struct WorkerEvent {
  ModelId model;
  int run = 0;  // of the machine; what an earlier run still has to say is ignored
  supervisor::Input what;
};

using Event = std::variant<Arrives, Leaves, Released, Unload, Retire, Remove, Tick, ShutDown, Reconfigure, FileChanged, Hurry, WorkerEvent>;

// --- effects, besides Grant, Confirm and Reject ---

struct LeasesEnd {  // whoever still holds a lease on it is told why it ends now
  ModelId model;
  common::Error why;
};
struct WorkerOrder {
  ModelId model;
  int run = 0;
  supervisor::Order order;
};
struct WorkerMoved {
  ModelId model;
  supervisor::Moved moved;
};
struct WorkerGone {
  ModelId model;
  int run = 0;
  std::optional<common::Error> cause;
};
struct PhaseChanged {
  ModelId model;
  Phase phase;
  Reason why;
};

using Effect = std::variant<Grant, Confirm, Reject, LeasesEnd, WorkerOrder, WorkerMoved, WorkerGone, PhaseChanged>;

class Conductor {
 public:
  explicit Conductor(Reconfigure initial = {}) : core_(initial.settings), timeouts_(initial.timeouts) {}

  std::vector<Effect> on(const Event& event, TimePoint now);
  std::optional<TimePoint> next_deadline() const;

  const Core& core() const { return core_; }
  const std::map<ModelId, supervisor::Machine>& machines() const { return machines_; }
  const supervisor::Machine& machine(const ModelId& model) const { return machines_.at(model); }
  bool idle() const { return core_.phase() == Phase::vacant; }

 private:
  void take(const Event& event);
  void arrives(const Arrives& event);
  void tick();
  void hurry();
  void worker(const ModelId& model, const supervisor::Input& input);
  void tell_core(Input input);
  void carry_out(const Action& action);
  void heed(const ModelId& model, supervisor::Machine& machine, const supervisor::Output& output);
  void start(const Start& action);
  supervisor::Machine& machine_of(const ModelId& model);

  Core core_;
  supervisor::Timeouts timeouts_;
  std::map<ModelId, supervisor::Machine> machines_;
  bool hurried_ = false;

  // Of the event in hand.
  TimePoint now_;
  std::vector<Effect> effects_;
  std::deque<Input> for_core_;  // in order; each may bring the next
};

}  // namespace proxy::residency
