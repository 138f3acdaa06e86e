#include "bench/trial.hpp"

#include <gtest/gtest.h>

#include "bench/statistics.hpp"

namespace bench {
namespace {

using namespace std::chrono_literals;
using common::Duration;
using common::TimePoint;

const TimePoint kBegan = TimePoint() + 100s;

Answer answer(Duration asked, Duration wait) {
  return {.asked = kBegan + asked, .first_token = kBegan + asked + wait, .ended = kBegan + asked + wait + 100ms};
}
Turn turn(Duration asked, Duration wait) { return {.asked = kBegan + asked, .granted = kBegan + asked + wait}; }
Swap swap(Duration began, Duration length) { return {.began = kBegan + began, .ready = kBegan + began + length}; }

TEST(Percentile, IsASampleThatSoManyDoNotExceed) {
  EXPECT_EQ(percentile(std::vector{3, 1, 2, 4}, 0.5), 2);
  EXPECT_EQ(percentile(std::vector{3, 1, 2}, 0.99), 3);
  EXPECT_EQ(percentile(std::vector{7}, 0.0), 7);
}

TEST(Figures, WhatEndsLaterIsNoGoodputButItsWaitCounts) {
  const Figures figures =
      figures_of({.began = kBegan, .length = 10s, .answers = {answer(0s, 1s), answer(2s, 2s), answer(9s, 5s)}, .turns = {}, .swaps = {}});
  EXPECT_DOUBLE_EQ(figures.goodput, 0.2);
  EXPECT_EQ(figures.wait_p50, 2s);
  EXPECT_EQ(figures.wait_worst, 5s);
}

TEST(Figures, SwapsCountWhereTheyEndAndTheirTimeWhereItIsSpent) {
  const Figures figures =
      figures_of(
      {.began = kBegan, .length = 10s, .answers = {answer(0s, 1s)}, .turns = {}, .swaps = {swap(-1s, 2s), swap(4s, 1s), swap(8s, 3s)}});
  EXPECT_DOUBLE_EQ(figures.swaps_per_minute, 12);
  EXPECT_DOUBLE_EQ(figures.swap_share, 0.4);
  EXPECT_EQ(figures.worst_swap, 3s);
}

TEST(WaitBound, IsWhatIsLeftOfTheSwapUnderWayAndATurnAndASwapOfEachRival) {
  const Trial trial{.began = kBegan, .length = 10s, .answers = {}, .turns = {}, .swaps = {swap(1s, 1s), swap(5s, 2s)}};
  EXPECT_EQ(wait_bound(trial, kBegan, 2, 3s), 5s);
  EXPECT_EQ(wait_bound(trial, kBegan, 3, 3s), 10s);
  EXPECT_EQ(wait_bound(trial, kBegan + 6s, 3, 3s), 11s) << "a second is left of the second swap";
  EXPECT_EQ(wait_bound(trial, kBegan + 5s, 3, 3s), 10s) << "he began it himself";
}

TEST(WaitBound, OnlyLongerWaitsArePastIt) {
  Trial trial{.began = kBegan,
              .length = 10s,
              .answers = {},
              .turns = {turn(0s, 5s), turn(0s, 5s + 2ms), turn(0s, 5s + 1ms), turn(1500ms, 5500ms)},
              .swaps = {swap(1s, 1s), swap(5s, 2s)}};
  EXPECT_EQ(waits_past_bound(trial, 2, 3s), 1);
  EXPECT_EQ(farthest_past_bound(trial, 2, 3s), 2ms);
  trial.turns = {turn(0s, 4s)};
  EXPECT_EQ(farthest_past_bound(trial, 2, 3s), -1s);
}

}  // namespace
}  // namespace bench
