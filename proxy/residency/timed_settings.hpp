// The policy as the Conductor has it at this minute of the day: what the registry says, and which tiers are open.
//
// Owned by Residency, used on the loop thread. Looks at the clock when a tier opens or closes, and every quarter of an hour, because clocks
// are set. What hours mean stands in settings.hpp.
#pragma once

#include <chrono>
#include <functional>
#include <utility>

#include "common/clock.hpp"
#include "common/deadline.hpp"
#include "common/task_group.hpp"
#include "proxy/residency/settings.hpp"

namespace proxy::residency {

class TimedSettings {
 public:
  // Both outlive it; destroy it only after the group is joined. `looked`: it has looked at the clock, and the settings may be others.
  TimedSettings(common::TaskGroup& tasks, common::Clock& clock, std::function<void()> looked);
  TimedSettings(const TimedSettings&) = delete;
  TimedSettings& operator=(const TimedSettings&) = delete;

  // What minute of the day it is here; otherwise than by the machine's clock (tests), from the next set() on.
  void tell_time_by(std::function<std::chrono::minutes()> time_of_day) { time_of_day_ = std::move(time_of_day); }
  // As settings_of() makes them.
  void set(Settings settings, registry::Tiers tiers);
  const Settings& now() const { return settings_; }
  // The tier that a model belongs to as things are.
  registry::Tier tier_of(const ModelId& model) const;

 private:
  void look();

  common::Clock& clock_;
  std::function<std::chrono::minutes()> time_of_day_;  // null: the machine's clock
  Settings settings_;
  registry::Tiers tiers_;
  common::Deadline next_look_;
};

}  // namespace proxy::residency
