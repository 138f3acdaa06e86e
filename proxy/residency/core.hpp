// Who may be loaded now, as a pure state machine: inputs in, actions out. No I/O, no clock of its own, no await.
//
// At most one model is `active` at any instant: from the moment its worker is started until the worker is reported gone. Whatever path
// asks for a load (a request, an operator, a preload) is a waiter in one queue, served first come, first served:
//
//   - a waiter for the active model that stands at the front is granted while the worker has a free slot;
//   - a waiter for another model at the front makes the active model drain: no new grants, running leases finish, then it stops;
//   - waiters for the model that is loading ride the same load, and are granted together when it is ready, wherever they stand.
//
// Every waiter ends in exactly one grant, refusal or departure; every grant in exactly one release.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "common/clock.hpp"
#include "common/result.hpp"

namespace proxy::residency {

using WaiterId = std::uint64_t;
using ModelId = std::string;
using common::TimePoint;

enum class Phase { vacant, loading, serving, draining, stopping };
std::string_view to_string(Phase phase);

// --- inputs ---

struct Arrives {
  WaiterId waiter;
  ModelId model;
};
struct Leaves {  // a waiter that has not been granted yet
  WaiterId waiter;
};
struct Released {  // a lease came back
  WaiterId waiter;
};
struct Unload {  // an operator wants the model out; its waiters are told
  ModelId model;
};
struct Retire {  // the registry changed the model under us: drain and stop it, waiters stay and get the new one
  ModelId model;
};
struct Ready {
  ModelId model;
  std::uint64_t slots;
};
struct DrainExpired {
  ModelId model;
};
struct Gone {
  ModelId model;
  std::optional<common::Error> cause;
};
struct Refused {  // the supervisor will not start it now
  ModelId model;
  common::Error why;
};
struct Tick {};      // a deadline of next_deadline() may have passed
struct ShutDown {};  // refuse everybody, drain, stop

using Input = std::variant<Arrives, Leaves, Released, Unload, Retire, Ready, DrainExpired, Gone, Refused, Tick, ShutDown>;

// --- actions ---

struct Grant {
  WaiterId waiter;
  ModelId model;
};
struct Reject {
  WaiterId waiter;
  common::Error why;
};
struct Start {
  ModelId model;
};
struct Drain {
  ModelId model;
};
struct Stop {  // no lease is left
  ModelId model;
};
struct Abandon {  // stop a load that nobody wants
  ModelId model;
};
struct EndLeases {  // what still runs on it must end now, with model_evicted
  ModelId model;
};

using Action = std::variant<Grant, Reject, Start, Drain, Stop, Abandon, EndLeases>;

struct Limits {
  std::chrono::milliseconds queue_timeout{600'000};
  std::uint64_t max_queue = 64;
};

class Core {
 public:
  explicit Core(Limits limits) : limits_(limits) {}

  std::vector<Action> on(const Input& input, TimePoint now);
  // When the next waiter runs out of patience.
  std::optional<TimePoint> next_deadline() const;
  void set_limits(Limits limits) { limits_ = limits; }

  Phase phase() const { return phase_; }
  const ModelId& active() const { return active_; }  // empty when vacant
  std::size_t leases() const { return leases_.size(); }
  std::size_t queued() const { return queue_.size(); }
  bool shutting_down() const { return shutting_down_; }

 private:
  struct Waiter {
    WaiterId id;
    ModelId model;
    TimePoint arrived;
    bool rides = false;  // it waited for the load that brought the active model, so it goes before any other model's turn
  };

  void arrives(const Arrives& input, TimePoint now);
  void leaves(const Leaves& input);
  void unload(const Unload& input);
  void ready(const Ready& input);
  void gone(const Gone& input);
  void refuse_waiters_of(const ModelId& model, const common::Error& why);
  void refuse_overdue(TimePoint now);
  void shut_down();
  bool wanted(const ModelId& model) const;
  void begin_drain();
  void abandon_load();
  void serve();
  std::deque<Waiter>::iterator next_rider();
  void grant(std::deque<Waiter>::iterator waiter);
  // Takes every step that the state allows.
  void settle();

  Limits limits_;
  Phase phase_ = Phase::vacant;
  ModelId active_;
  std::uint64_t slots_ = 0;
  std::set<WaiterId> leases_;  // on the active model
  std::set<WaiterId> stale_;   // on a worker that is gone; each still owes its release
  std::deque<Waiter> queue_;   // in order of arrival
  bool shutting_down_ = false;
  std::vector<Action> actions_;
};

}  // namespace proxy::residency
