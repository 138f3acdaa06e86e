#include "proxy/residency/pressure.hpp"

#include <gmock/gmock.h>

#include <random>

namespace proxy::residency {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr std::uint64_t kMiB = 1 << 20;

class PressureTest : public testing::Test {
 protected:
  PressureTest() { ladder.set_rules(rules(), now); }
  static PressureRules rules() { return {.available_bytes = 1000 * kMiB, .stall = 0.2}; }
  static constexpr PressureReading kShort{.available_bytes = 900 * kMiB};
  static constexpr PressureReading kBetween{.available_bytes = 1100 * kMiB};
  static constexpr PressureReading kPlenty{.available_bytes = 2000 * kMiB};
  static constexpr PressureReading kGone{.available_bytes = 100 * kMiB};

  // The same reading twice a second for so long; the rungs that are reached.
  std::vector<Rung> read(const PressureReading& reading, milliseconds for_so_long) {
    std::vector<Rung> reached;
    for (const auto end = now + for_so_long; now <= end; now += 500ms) {
      if (auto step = ladder.on(reading, now)) {
        reached.push_back(step->to);
        steps.push_back(std::move(*step));
      }
    }
    return reached;
  }

  common::TimePoint now{1h};
  PressureLadder ladder;
  std::vector<PressureStep> steps;
};

TEST_F(PressureTest, WithoutPressureNothingHappens) {
  EXPECT_TRUE(read(kPlenty, 60s).empty());
  EXPECT_TRUE(read(kBetween, 60s).empty());
  EXPECT_EQ(ladder.rung(), Rung::none);
}

TEST_F(PressureTest, ClimbsRungByRungInOrderAndEachNeedsItsDwell) {
  EXPECT_THAT(read(kShort, 60s), testing::ElementsAre(Rung::stop_admitting, Rung::shrink_caches, Rung::drop_saved, Rung::cancel_lowest,
                                                      Rung::unload, Rung::unload_pinned));
  EXPECT_THAT(steps[0].why, HasSubstr("900 MiB of memory are available, the limit is 1000 MiB"));
}

TEST_F(PressureTest, ARungIsNotReachedBeforeItsTime) {
  EXPECT_TRUE(read(kShort, 500ms).empty());
  EXPECT_EQ(read(kShort, 0ms), std::vector{Rung::stop_admitting}) << "a second after it began";
  EXPECT_TRUE(read(kShort, 1'000ms).empty());
  EXPECT_EQ(read(kShort, 500ms), std::vector{Rung::shrink_caches}) << "two seconds after the rung below";
}

TEST_F(PressureTest, ASpikeClimbsNothing) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(read(kShort, 500ms).empty());
    EXPECT_TRUE(read(kBetween, 0ms).empty());
  }
  EXPECT_EQ(ladder.rung(), Rung::none);
}

TEST_F(PressureTest, BetweenShortAndPlentyItStaysWhereItIs) {
  read(kShort, 3'500ms);
  const Rung reached = ladder.rung();
  EXPECT_EQ(reached, Rung::shrink_caches);
  EXPECT_TRUE(read(kBetween, 120s).empty());
  EXPECT_EQ(ladder.rung(), reached);
}

TEST_F(PressureTest, WhereMemoryIsAllButGoneItClimbsFasterAndSkipsNothing) {
  EXPECT_THAT(read(kGone, 7s), testing::ElementsAre(Rung::stop_admitting, Rung::shrink_caches, Rung::drop_saved, Rung::cancel_lowest,
                                                    Rung::unload, Rung::unload_pinned));
}

TEST_F(PressureTest, ComesDownInReverseWhenThereHasBeenPlentyForAWhile) {
  read(kShort, 60s);
  EXPECT_TRUE(read(kPlenty, 9'500ms).empty());
  EXPECT_THAT(read(kPlenty, 12s), testing::ElementsAre(Rung::unload, Rung::cancel_lowest, Rung::drop_saved, Rung::shrink_caches,
                                                       Rung::stop_admitting, Rung::none));
  EXPECT_TRUE(read(kPlenty, 60s).empty());
}

TEST_F(PressureTest, AShortageOnTheWayDownStartsTheWaitAnew) {
  read(kShort, 60s);
  EXPECT_TRUE(read(kPlenty, 9s).empty());
  EXPECT_TRUE(read(kBetween, 0ms).empty());
  EXPECT_TRUE(read(kPlenty, 9'500ms).empty());
  EXPECT_EQ(read(kPlenty, 0ms), std::vector{Rung::unload});
}

TEST_F(PressureTest, StallsCountLikeALackOfMemory) {
  EXPECT_TRUE(read({.available_bytes = 5000 * kMiB, .stall = 0.19}, 60s).empty());
  EXPECT_EQ(read({.available_bytes = 5000 * kMiB, .stall = 0.25}, 1s), std::vector{Rung::stop_admitting});
  EXPECT_THAT(steps[0].why, HasSubstr("25 % of the time, the limit is 20 %"));
  EXPECT_TRUE(read({.available_bytes = 5000 * kMiB, .stall = 0.15}, 60s).empty()) << "neither short nor plenty";
  EXPECT_EQ(read({.available_bytes = 5000 * kMiB, .stall = 0.05}, 10s), std::vector{Rung::none});
}

TEST_F(PressureTest, WhatCannotBeReadIsHeldAgainstNobody) {
  EXPECT_TRUE(read({}, 60s).empty());
  ladder.set_rules({.available_bytes = 0}, now);
  EXPECT_TRUE(read({.available_bytes = 1}, 60s).empty());
}

TEST_F(PressureTest, SwitchedOffItIsLeftAtOnce) {
  read(kShort, 60s);
  auto step = ladder.set_rules({.on = false, .available_bytes = 1000 * kMiB}, now);
  ASSERT_TRUE(step);
  EXPECT_EQ(step->from, Rung::unload_pinned);
  EXPECT_EQ(step->to, Rung::none);
  EXPECT_TRUE(read(kGone, 60s).empty());
  EXPECT_FALSE(ladder.set_rules({.on = false}, now));
}

TEST_F(PressureTest, WhatIsThereServesOnWhenMemoryHasNotBeenShortForLong) {
  read(kShort, 8'500ms);
  EXPECT_EQ(ladder.rung(), Rung::cancel_lowest);
  EXPECT_TRUE(read(kBetween, 29s).empty());
  EXPECT_EQ(read(kBetween, 200s), std::vector{Rung::drop_saved}) << "three times as long as calm, and not a rung further";
}

TEST_F(PressureTest, AfterAGapBetweenReadingsNothingIsTakenForGranted) {
  read(kShort, 500ms);
  now += 60s;
  EXPECT_TRUE(read(kShort, 500ms).empty()) << "a machine that slept: nobody knows whether memory was short meanwhile";
  EXPECT_EQ(read(kShort, 0ms), std::vector{Rung::stop_admitting});
}

TEST_F(PressureTest, ModelsThatHadToLeaveAgainAndAgainComeBackLaterEachTime) {
  const auto recovery = [this] {
    read(kShort, 60s);
    EXPECT_EQ(ladder.rung(), Rung::unload_pinned);
    const auto began = now;
    while (ladder.rung() != Rung::none) read(kPlenty, 0ms);
    return std::chrono::duration<double>(now - began).count();
  };
  EXPECT_NEAR(recovery(), 20, 1.5);
  EXPECT_NEAR(recovery(), 30, 1.5) << "the models were hardly back";
  EXPECT_NEAR(recovery(), 50, 1.5);
  for (int i = 0; i < 6; ++i) recovery();
  EXPECT_NEAR(recovery(), 10 * 32 + 10, 1.5) << "and not later and later for ever";
  read(kPlenty, 11min);
  EXPECT_NEAR(recovery(), 20, 1.5) << "a long time ago";
}

TEST_F(PressureTest, AShortageWithoutConsequencesIsNotHeldAgainstTheNext) {
  for (int i = 0; i < 5; ++i) {
    read(kShort, 6s);
    EXPECT_EQ(ladder.rung(), Rung::drop_saved);
    const auto began = now;
    while (ladder.rung() != Rung::none) read(kPlenty, 0ms);
    EXPECT_NEAR(std::chrono::duration<double>(now - began).count(), 14, 1.5);
  }
}

TEST_F(PressureTest, SaysWhenItCanBeOverAtTheEarliest) {
  EXPECT_EQ(ladder.soonest_recovery(), 0s);
  read(kShort, 1s);
  EXPECT_EQ(ladder.soonest_recovery(), 10s);
  read(kShort, 60s);
  EXPECT_EQ(ladder.soonest_recovery(), 20s);
  const auto began = now;
  while (ladder.rung() != Rung::none) read(kPlenty, 0ms);
  EXPECT_NEAR(std::chrono::duration<double>(now - began).count(), 20, 1.5);
}

TEST_F(PressureTest, EveryRungHasAWordThatIsReadBack) {
  for (std::size_t i = 0; i < kRungs; ++i) EXPECT_EQ(rung_from(to_string(static_cast<Rung>(i))), static_cast<Rung>(i));
  EXPECT_EQ(rung_from("nonsense"), std::nullopt);
}

// Whatever is read, whenever: one rung at a time upward and downward, never up without a shortage or down without plenty, each rung only
// after its (quartered) dwell, and back to none once there is plenty.
TEST(PressureProperty, RandomReadings) {
  std::mt19937 random(5);
  const auto pick = [&random](unsigned below) { return random() % below; };
  for (int sequence = 0; sequence < 100'000; ++sequence) {
    PressureLadder ladder;
    const PressureRules rules{.available_bytes = 1000 * kMiB, .stall = 0.2};
    common::TimePoint now{1h}, last_step{};
    ladder.set_rules(rules, now);
    const unsigned readings = 5 + pick(60), mood = pick(4);
    for (unsigned i = 0; i < readings; ++i) {
      now += milliseconds(1 + pick(pick(12) == 0 ? 20'000 : 1'500));
      PressureReading reading{.available_bytes = (mood == 0   ? pick(1'000)
                                                  : mood == 1 ? pick(3'000)
                                                  : pick(2)   ? 990
                                                              : 300 + pick(1'500)) *
                                                 kMiB};
      if (pick(2)) reading.stall = pick(mood == 3 ? 100 : 40) / 100.0;
      const Rung before = ladder.rung();
      const auto step = ladder.on(reading, now);
      if (!step) {
        ASSERT_EQ(ladder.rung(), before);
        continue;
      }
      ASSERT_EQ(step->from, before);
      ASSERT_EQ(step->to, ladder.rung());
      const int by = static_cast<int>(step->to) - static_cast<int>(step->from);
      ASSERT_EQ(std::abs(by), 1) << "a rung was skipped";
      const bool is_short =
          (reading.available_bytes > 0 && reading.available_bytes < rules.available_bytes) || reading.stall.value_or(0) >= 0.2;
      ASSERT_EQ(by > 0, is_short);
      if (by > 0) ASSERT_GE(now - last_step, rules.dwell[static_cast<std::size_t>(step->to)] / 4);
      else ASSERT_GE(now - last_step, rules.calm_step);
      last_step = now;
    }
    for (int i = 0; i < 800 && ladder.rung() != Rung::none; ++i) {
      now += 500ms;
      const auto step = ladder.on({.available_bytes = 4000 * kMiB, .stall = 0.0}, now);
      ASSERT_TRUE(!step || step->to < step->from);
    }
    ASSERT_EQ(ladder.rung(), Rung::none);
    now += 60s;
    ASSERT_FALSE(ladder.on({.available_bytes = 4000 * kMiB}, now));
  }
}

TEST(StallMeter, SaysWhichPartOfTheLatestSecondsWasLost) {
  using namespace std::chrono;
  StallMeter meter;
  common::TimePoint now{1h};
  EXPECT_EQ(meter.on(microseconds(5'000'000), now), std::nullopt) << "what was before the first look says nothing";
  EXPECT_DOUBLE_EQ(*meter.on(microseconds(5'000'000), now += 500ms), 0);
  EXPECT_DOUBLE_EQ(*meter.on(microseconds(5'250'000), now += 500ms), 0.25) << "within a second of the first stall";
  EXPECT_DOUBLE_EQ(*meter.on(microseconds(5'750'000), now += 500ms), 0.5);
  for (int i = 0; i < 3; ++i) meter.on(microseconds(5'750'000), now += 500ms);
  EXPECT_DOUBLE_EQ(*meter.on(microseconds(5'750'000), now += 500ms), 0) << "and forgotten two seconds after the last";
}

TEST(StallMeter, AFigureThatFallsIsAnotherCounter) {
  using namespace std::chrono;
  StallMeter meter;
  common::TimePoint now{1h};
  meter.on(microseconds(5'000'000), now);
  EXPECT_EQ(meter.on(microseconds(100), now += 500ms), std::nullopt);
  EXPECT_DOUBLE_EQ(*meter.on(microseconds(250'100), now += 500ms), 0.5);
  EXPECT_DOUBLE_EQ(*meter.on(microseconds(9'000'000), now += 500ms), 1) << "many tasks wait at once, the share is of time";
}

}  // namespace
}  // namespace proxy::residency
