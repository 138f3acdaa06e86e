#include "proxy/residency/view.hpp"

namespace proxy::residency {

View view_of(const Conductor& conductor, const SpeedMeter& speeds, const PressureLadder& ladder, TimePoint now) {
  const Core& core = conductor.core();
  View view{
      .phase = core.phase(), .reason = core.reason(), .active = core.active(), .leases = core.leases(), .queued = core.queue().size()};
  for (const auto& [id, machine] : conductor.machines()) {
    view.workers.push_back({.model = id,
                            .state = machine.state(),
                            .load_fraction = machine.load_fraction(),
                            .pid = machine.pid(),
                            .spawns = machine.run(),
                            .load_time = machine.load_time(),
                            .ready = machine.ready_info(),
                            .beat = machine.beat(),
                            .own_bytes = machine.own_bytes(),
                            .last_failure = machine.last_failure(),
                            .tokens_per_second = speeds.tokens_per_second(id)});
  }
  for (const auto& [id, place] : conductor.pinned()) {
    view.pinned.push_back({.model = id,
                           .phase = place.core.phase(),
                           .reason = place.core.reason(),
                           .leases = place.core.leases(),
                           .queued = place.core.queue().size()});
  }
  view.pin_refusals = conductor.pin_refusals();
  view.pressure = {.rules = ladder.rules(),
                   .rung = conductor.rung(),
                   .on_rung = now - ladder.since(),
                   .reading = ladder.reading(),
                   .lent_bytes = conductor.lent_bytes()};
  return view;
}

}  // namespace proxy::residency
