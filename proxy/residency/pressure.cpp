#include "proxy/residency/pressure.hpp"

#include <algorithm>
#include <format>

namespace proxy::residency {

using common::TimePoint;
using std::chrono::milliseconds;

namespace {

constexpr std::uint64_t kMostMargin = 512ull << 20;
constexpr int kMostRelapses = 5;
constexpr int kEasing = 3;  // times `calm` without shortage: what is there may serve on
constexpr std::uint64_t kAllButGone = 4;  // less than one part in so many of the limit

constexpr const char* kRungNames[kRungs] = {"none",          "stop_admitting", "shrink_caches", "drop_saved",
                                            "cancel_lowest", "unload",         "unload_pinned"};

std::string mib(std::uint64_t bytes) { return std::format("{:.0f} MiB", static_cast<double>(bytes) / (1 << 20)); }

std::size_t index(Rung rung) { return static_cast<std::size_t>(rung); }

}  // namespace

std::string_view to_string(Rung rung) { return kRungNames[index(rung)]; }

std::optional<Rung> rung_from(std::string_view word) {
  for (std::size_t i = 0; i < kRungs; ++i) {
    if (word == kRungNames[i]) return static_cast<Rung>(i);
  }
  return std::nullopt;
}

std::uint64_t PressureRules::margin_bytes() const { return std::min(available_bytes / 4, kMostMargin); }

std::optional<PressureStep> PressureLadder::on(const PressureReading& reading, TimePoint now) {
  const bool gap = read_at_ && now - *read_at_ > rules_.longest_gap;
  read_at_ = now;
  reading_ = reading;
  if (!rules_.on) return std::nullopt;
  if (gap) forget_weather();
  const Weather sky = weather(reading);
  if (sky != Weather::shortage) short_since_.reset();
  else if (!short_since_) short_since_ = now;
  if (sky != Weather::plenty) plenty_since_.reset();
  else if (!plenty_since_) plenty_since_ = now;
  if (sky == Weather::shortage) eased_since_.reset();
  else if (!eased_since_) eased_since_ = now;

  if (short_since_ && rung_ != Rung::unload_pinned) {
    const Rung next = static_cast<Rung>(index(rung_) + 1);
    const milliseconds dwell = all_but_gone(reading) ? rules_.dwell[index(next)] / 4 : rules_.dwell[index(next)];
    if (now - std::max(*short_since_, since_) >= dwell) return move_to(next, why(reading), now);
  }
  if (plenty_since_ && rung_ != Rung::none) {
    // The first step down comes after `calm`, each further one `calm_step` after the one before.
    const bool due = now - *plenty_since_ >= calm() && now - since_ >= rules_.calm_step;
    if (due) return move_to(static_cast<Rung>(index(rung_) - 1), why(reading), now);
  }
  if (eased_since_ && rung_ >= Rung::cancel_lowest) {
    const bool due = now - *eased_since_ >= kEasing * calm() && now - since_ >= rules_.calm_step;
    if (due) return move_to(static_cast<Rung>(index(rung_) - 1), why(reading), now);
  }
  return std::nullopt;
}

std::optional<PressureStep> PressureLadder::set_rules(const PressureRules& rules, TimePoint now) {
  rules_ = rules;
  if (rules_.on) return std::nullopt;
  forget_weather();
  if (rung_ == Rung::none) return std::nullopt;
  return move_to(Rung::none, "memory.pressure in the registry is false", now);
}

milliseconds PressureLadder::soonest_recovery() const {
  if (rung_ == Rung::none) return milliseconds(0);
  return calm() + static_cast<std::int64_t>(index(rung_) - 1) * rules_.calm_step;
}

void PressureLadder::forget_weather() { short_since_.reset(), plenty_since_.reset(), eased_since_.reset(); }

PressureLadder::Weather PressureLadder::weather(const PressureReading& reading) const {
  const bool counts = rules_.available_bytes > 0 && reading.available_bytes > 0;
  if (counts && reading.available_bytes < rules_.available_bytes) return Weather::shortage;
  if (reading.stall && *reading.stall >= rules_.stall) return Weather::shortage;
  if (counts && reading.available_bytes < rules_.available_bytes + rules_.margin_bytes()) return Weather::between;
  if (reading.stall && *reading.stall >= rules_.stall / 2) return Weather::between;
  return Weather::plenty;
}

bool PressureLadder::all_but_gone(const PressureReading& reading) const {
  return reading.available_bytes > 0 && reading.available_bytes < rules_.available_bytes / kAllButGone;
}

std::string PressureLadder::why(const PressureReading& reading) const {
  std::string text = std::format("{} of memory are available, the limit is {}", mib(reading.available_bytes), mib(rules_.available_bytes));
  if (reading.stall)
    text += std::format("; tasks stood still for want of it {:.0f} % of the time, the limit is {:.0f} %", *reading.stall * 100,
                        rules_.stall * 100);
  return text;
}

PressureStep PressureLadder::move_to(Rung rung, std::string why, TimePoint now) {
  since_ = now;
  if (rung == Rung::unload && rung_ < rung) {
    models_left_ = true;
    relapses_ = came_back_ && now - *came_back_ < rules_.relapse ? std::min(relapses_ + 1, kMostRelapses) : 0;
  }
  if (rung == Rung::none && std::exchange(models_left_, false)) came_back_ = now;
  return {.from = std::exchange(rung_, rung), .to = rung, .why = std::move(why)};
}

std::optional<double> StallMeter::on(std::chrono::microseconds total, TimePoint now) {
  // Another boot, or another file: what was before says nothing.
  if (!samples_.empty() && (total < samples_.back().total || now < samples_.back().at)) samples_.clear();
  samples_.push_back({total, now});
  // One sample that is as old as the window, or older, stays to measure from.
  while (samples_.size() > 2 && now - samples_[1].at >= window_) samples_.pop_front();
  const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(now - samples_.front().at);
  if (passed.count() <= 0) return std::nullopt;
  return std::min(1.0, static_cast<double>((total - samples_.front().total).count()) / static_cast<double>(passed.count()));
}

}  // namespace proxy::residency
