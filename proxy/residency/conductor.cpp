#include "proxy/residency/conductor.hpp"

#include <algorithm>
#include <format>

#include "common/overloaded.hpp"

namespace proxy::residency {

using common::Error;
using common::ErrorKind;
using supervisor::Machine;
using supervisor::Wish;

std::vector<Effect> Conductor::on(const Event& event, TimePoint now) {
  now_ = now;
  const Phase before = core_.phase();
  const ModelId active = core_.active();
  take(event);
  std::vector<Action> actions;
  while (!for_core_.empty()) {
    const Input input = std::move(for_core_.front());
    for_core_.pop_front();
    actions.clear();
    core_.on(input, now_, actions);
    for (const Action& action : actions) carry_out(action);
  }
  if (!core_.active().empty()) worker(core_.active(), supervisor::Serves{core_.leases()});
  if (core_.phase() != before || core_.active() != active) effects_.push_back(PhaseChanged{core_.active(), core_.phase(), core_.reason()});
  return std::exchange(effects_, {});
}

std::optional<TimePoint> Conductor::next_deadline() const {
  auto next = core_.next_deadline();
  for (const auto& [model, machine] : machines_) {
    if (auto due = machine.deadline()) next = next ? std::min(*next, *due) : *due;
  }
  return next;
}

void Conductor::take(const Event& event) {
  std::visit(common::Overloaded{
                 [&](const Arrives& e) { arrives(e); },
                 [&](const Tick&) { tick(); },
                 [&](const Reconfigure& e) {
                   timeouts_ = e.timeouts;
                   for (auto& [model, machine] : machines_) machine.set_timeouts(timeouts_);
                   tell_core(Configure{e.settings});
                 },
                 [&](const FileChanged& e) { worker(e.model, Wish::file_changed); },
                 [&](const Hurry&) { hurry(); },
                 [&](const WorkerEvent& e) {
                   auto known = machines_.find(e.model);
                   if (known != machines_.end() && known->second.run() == e.run) worker(e.model, e.what);
                 },
                 [&](const auto& e) { tell_core(e); },
             },
             event);
}

// Refused before anything is evicted for it, when its supervisor would not start it anyway.
void Conductor::arrives(const Arrives& event) {
  Machine& machine = machine_of(event.model);
  if (event.operator_load) worker(event.model, Wish::reset);
  if (auto why = machine.refusal(now_)) {
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
  if (core_.phase() == Phase::draining) tell_core(DrainExpired{core_.active()});
  for (auto& [model, machine] : machines_) worker(model, Wish::kill_now);
}

void Conductor::worker(const ModelId& model, const supervisor::Input& input) {
  Machine& machine = machine_of(model);
  std::vector<supervisor::Output> outputs;
  machine.on(input, now_, outputs);
  for (const supervisor::Output& output : outputs) heed(model, machine, output);
}

void Conductor::tell_core(Input input) { for_core_.push_back(std::move(input)); }

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
                 [&](const EndLeases& a) {
                   const std::string reason = hurried_ ? "the daemon was told to stop at once"
                                                       : std::format("{} has to leave and the drain deadline of {:.1f} s has passed",
                                                                     a.model, static_cast<double>(timeouts_.drain.count()) / 1000);
                   effects_.push_back(LeasesEnd{a.model, Error(ErrorKind::model_evicted, "the answer was cut off: " + reason)});
                 },
             },
             action);
}

void Conductor::start(const Start& action) {
  if (auto why = machine_of(action.model).refusal(now_)) return tell_core(Refused{action.model, std::move(*why)});
  worker(action.model, Wish::start);
}

void Conductor::heed(const ModelId& model, Machine& machine, const supervisor::Output& output) {
  std::visit(common::Overloaded{
                 [&](supervisor::Order order) { effects_.push_back(WorkerOrder{model, machine.run(), order}); },
                 [&](const supervisor::BecameReady&) { tell_core(Ready{model, machine.ready_info().slots}); },
                 [&](const supervisor::DrainExpired&) { tell_core(DrainExpired{model}); },
                 [&](const supervisor::Lost& o) {
                   effects_.push_back(LeasesEnd{model, o.cause});
                   tell_core(Lost{model});
                 },
                 [&](const supervisor::Stuck& o) { tell_core(Stuck{model, o.why}); },
                 [&](const supervisor::Gone& o) {
                   effects_.push_back(WorkerGone{model, machine.run(), o.cause});
                   tell_core(Gone{model, o.cause});
                 },
                 [&](const supervisor::Moved& o) { effects_.push_back(WorkerMoved{model, o}); },
             },
             output);
}

Machine& Conductor::machine_of(const ModelId& model) { return machines_.try_emplace(model, model, timeouts_).first->second; }

}  // namespace proxy::residency
