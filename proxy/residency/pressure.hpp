// What is done when memory is short, as a ladder: readings of the system go in, one rung at a time comes out. Pure; `now` is an argument.
//
//   none            nothing
//   stop_admitting  nothing new is loaded; whoever asks for a load is refused with memory_pressure
//   shrink_caches   workers drop the prompts that they keep in main memory, and keep no more of them
//   drop_saved      what is written down of conversations is dropped
//   cancel_lowest   running requests of the lowest priority end with an error, and nothing new runs
//   unload          the resident model leaves, after a short drain
//   unload_pinned   the pinned ones leave as well
//
// Memory is short while less than `available_bytes` is there for new processes, or while tasks stand still for want of it for more than
// `stall` of the time. A rung is climbed when that has lasted without a break for the rung's dwell, counted anew from each rung on, so that
// one spike climbs nothing and what was done has time to show. Where memory is all but gone the dwells are a quarter as long; no rung is
// ever skipped on the way up. The way down begins when memory has been plenty (more than available_bytes and a margin, stalls under half
// of the limit) for `calm`, and takes `calm_step` for each further rung. Between short and plenty the ladder stays where it is, but not for
// ever: when memory has not been short for three times `calm` it is climbed down as far as drop_saved, where what is there serves on.
// Where models had to leave again within `relapse` of their coming back, `calm` is twice as long each time, up to 32 times: what does not
// fit beside the rest of the machine is not loaded over and over.
//
// Owned by Residency. What a rung means for models is the Conductor's to decide.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.hpp"

namespace proxy::residency {

enum class Rung { none, stop_admitting, shrink_caches, drop_saved, cancel_lowest, unload, unload_pinned };
inline constexpr std::size_t kRungs = 7;

std::string_view to_string(Rung rung);
std::optional<Rung> rung_from(std::string_view word);

struct PressureReading {
  std::uint64_t available_bytes = 0;  // 0: not known
  std::optional<double> stall;        // of the latest moments, 0 to 1; nothing: not known

  bool operator==(const PressureReading&) const = default;
};

struct PressureRules {
  using milliseconds = std::chrono::milliseconds;

  bool on = true;
  std::uint64_t available_bytes = 0;  // 0: that is not looked at
  double stall = 0.2;
  // From the rung below to this one.
  std::array<milliseconds, kRungs> dwell{milliseconds(0),     milliseconds(1'000), milliseconds(2'000), milliseconds(2'000),
                                         milliseconds(3'000), milliseconds(5'000), milliseconds(10'000)};
  milliseconds calm{10'000};
  milliseconds calm_step{2'000};
  milliseconds relapse{600'000};
  milliseconds longest_gap{5'000};  // between two readings; after a longer one nobody knows what was meanwhile

  // How much more than available_bytes is plenty.
  std::uint64_t margin_bytes() const;
  bool operator==(const PressureRules&) const = default;
};

struct PressureStep {
  Rung from = Rung::none;
  Rung to = Rung::none;
  std::string why;
};

class PressureLadder {
 public:
  std::optional<PressureStep> on(const PressureReading& reading, common::TimePoint now);
  // Switched off, the ladder is left at once.
  std::optional<PressureStep> set_rules(const PressureRules& rules, common::TimePoint now);

  const PressureRules& rules() const { return rules_; }
  Rung rung() const { return rung_; }
  common::TimePoint since() const { return since_; }  // on this rung
  const PressureReading& reading() const { return reading_; }
  // When somebody who is refused now may come back: not before all rungs have been climbed down.
  std::chrono::milliseconds soonest_recovery() const;

 private:
  enum class Weather { shortage, between, plenty };
  Weather weather(const PressureReading& reading) const;
  bool all_but_gone(const PressureReading& reading) const;
  void forget_weather();
  std::chrono::milliseconds calm() const { return rules_.calm * (1 << relapses_); }
  std::string why(const PressureReading& reading) const;
  PressureStep move_to(Rung rung, std::string why, common::TimePoint now);

  PressureRules rules_;
  Rung rung_ = Rung::none;
  common::TimePoint since_;
  PressureReading reading_;
  std::optional<common::TimePoint> read_at_;
  std::optional<common::TimePoint> short_since_;
  std::optional<common::TimePoint> plenty_since_;
  std::optional<common::TimePoint> eased_since_;  // not short, plenty or not
  bool models_left_ = false;                    // since the ladder was last at its foot
  std::optional<common::TimePoint> came_back_;  // the latest time that it was left after models had to leave
  int relapses_ = 0;                            // in a row
};

// The share of the latest two seconds in which somebody waited for memory, from totals that only grow.
class StallMeter {
 public:
  explicit StallMeter(std::chrono::milliseconds window = std::chrono::milliseconds(2'000)) : window_(window) {}

  // Nothing until there are two readings.
  std::optional<double> on(std::chrono::microseconds total, common::TimePoint now);

 private:
  struct Sample {
    std::chrono::microseconds total;
    common::TimePoint at;
  };
  std::chrono::milliseconds window_;
  std::deque<Sample> samples_;
};

}  // namespace proxy::residency
