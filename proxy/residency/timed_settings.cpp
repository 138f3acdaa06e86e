#include "proxy/residency/timed_settings.hpp"

#include <algorithm>
#include <ctime>
#include <optional>

namespace proxy::residency {

namespace {

constexpr std::chrono::minutes kLookAtClock{15};  // at least so often, because clocks are set

std::chrono::minutes local_time_of_day() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm local{};
  ::localtime_r(&now, &local);
  return std::chrono::hours(local.tm_hour) + std::chrono::minutes(local.tm_min);
}

}  // namespace

TimedSettings::TimedSettings(common::TaskGroup& tasks, common::Clock& clock, std::function<void()> looked)
    : clock_(clock), next_look_(tasks, clock, [this, tell = std::move(looked)] {
        look();
        tell();
      }) {}

void TimedSettings::set(Settings settings, registry::Tiers tiers) {
  settings_ = std::move(settings);
  tiers_ = std::move(tiers);
  look();
}

registry::Tier TimedSettings::tier_of(const ModelId& model) const {
  auto terms = settings_.terms.find(model);
  return terms == settings_.terms.end() ? registry::Tier::interactive : terms->second.tier;
}

void TimedSettings::look() {
  const auto stays = apply_hours(settings_, tiers_, time_of_day_ ? time_of_day_() : local_time_of_day());
  next_look_.set(stays ? std::optional(clock_.now() + std::min(*stays, kLookAtClock)) : std::nullopt);
}

}  // namespace proxy::residency
