// Whether a worker should be started ahead, before anybody knows which model comes next. Pure; supervisor::SpareLauncher does it.
//
// One is of use while a model is resident and others could take its place. It is not started in the way of anything: not while a model
// loads, and not in the first moments of one that has just come, which belong to those who waited for it; at the latest it is started when
// the resident has to leave. A model that was sent away takes the spare with it: whoever unloads wants the memory.
#pragma once

#include <chrono>
#include <optional>

#include "proxy/residency/core.hpp"
#include "proxy/supervisor/spare_plan.hpp"

namespace proxy::residency {

struct SpareSituation {
  bool allowed = true;     // policy.spare_worker
  std::size_t models = 0;  // that take turns and could be loaded into one, and the resident
  Phase phase = Phase::vacant;
  Reason reason = Reason::requested;
  TimePoint since;               // the phase began
  bool pinned_one_loads = false;
  bool shutting_down = false;
};

inline constexpr milliseconds kFirstMoments{1'000};

supervisor::SpareWish spare_wish(const SpareSituation& situation, TimePoint now);
// When that becomes another one by itself.
std::optional<TimePoint> spare_wish_changes(const SpareSituation& situation, TimePoint now);

}  // namespace proxy::residency
