#include "proxy/residency/spare.hpp"

namespace proxy::residency {

using supervisor::SpareWish;

SpareWish spare_wish(const SpareSituation& situation, TimePoint now) {
  if (!situation.allowed || situation.models < 2 || situation.shutting_down) return SpareWish::none;
  const bool leaves_the_place = situation.reason == Reason::crashed || situation.reason == Reason::entry_changed;
  switch (situation.phase) {
    case Phase::vacant: return leaves_the_place ? SpareWish::keep : SpareWish::none;
    case Phase::loading: return SpareWish::keep;
    case Phase::serving:
      return situation.pinned_one_loads || now < situation.since + kFirstMoments ? SpareWish::keep : SpareWish::have;
    case Phase::draining:
    case Phase::stopping: {
      const bool somebody_comes = situation.reason == Reason::make_room || situation.reason == Reason::returned_to_default;
      return somebody_comes ? SpareWish::have : SpareWish::keep;
    }
  }
  return SpareWish::none;
}

std::optional<TimePoint> spare_wish_changes(const SpareSituation& situation, TimePoint now) {
  const TimePoint due = situation.since + kFirstMoments;
  return situation.phase == Phase::serving && now < due ? std::optional(due) : std::nullopt;
}

}  // namespace proxy::residency
