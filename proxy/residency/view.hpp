// What is known of workers, places and memory at one moment, as values for status pages and metrics.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "common/worker_protocol.hpp"
#include "proxy/residency/conductor.hpp"
#include "proxy/residency/pressure.hpp"
#include "proxy/residency/speed.hpp"
#include "proxy/supervisor/launcher.hpp"

namespace proxy::residency {

// What is known about one model's worker, for status pages.
struct WorkerView {
  std::string model;
  supervisor::State state = supervisor::State::stopped;
  double load_fraction = 0;
  pid_t pid = 0;
  int spawns = 0;
  common::Duration load_time{};
  common::Ready ready;  // of the latest run that became ready
  common::Beat beat;
  std::uint64_t own_bytes = 0;  // of a run that became ready, at its latest sign of life
  std::optional<common::Error> last_failure;
  std::optional<double> tokens_per_second;  // generated here while it was busy
};

// A pinned model's own place, and who is there and waits there.
struct PinnedView {
  std::string model;
  Phase phase = Phase::vacant;
  Reason reason = Reason::requested;
  std::size_t leases = 0;
  std::size_t queued = 0;
};

// What memory is short of, and what is done about it.
struct PressureView {
  PressureRules rules;
  Rung rung = Rung::none;
  common::Duration on_rung{};  // for how long
  PressureReading reading;     // the latest
  std::uint64_t lent_bytes = 0;
};

// Everything but `pinned` is about the place that models take turns in.
struct View {
  Phase phase = Phase::vacant;
  Reason reason = Reason::requested;
  std::string active;
  std::size_t leases = 0;
  std::size_t queued = 0;
  std::vector<WorkerView> workers;
  std::vector<PinnedView> pinned;
  std::map<std::string, common::Error> pin_refusals;  // of models that were to be pinned and may not
  supervisor::SpareReport spare;                      // workers that were started ahead
  std::uint64_t read_ahead_bytes = 0;                 // so far
  PressureView pressure;
};

// Pure. What the launcher and the reader know is left out: `spare` and `read_ahead_bytes`.
View view_of(const Conductor& conductor, const SpeedMeter& speeds, const PressureLadder& ladder, TimePoint now);

}  // namespace proxy::residency
