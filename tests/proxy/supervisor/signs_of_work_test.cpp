#include "proxy/supervisor/signs_of_work.hpp"

#include <gtest/gtest.h>

namespace proxy::supervisor {
namespace {

using namespace std::chrono_literals;
using common::ProcessWork;

class SignsOfWorkTest : public testing::Test {
 protected:
  SignsOfWorkTest() { signs.look(so_far, now); }
  bool after(common::Duration time, const ProcessWork& more) {
    so_far += more;
    return signs.look(so_far, now += time);
  }

  SignsOfWork signs{kLoadingRules};
  common::TimePoint now{1h};
  ProcessWork so_far{.computed = 500ms, .moved_bytes = 1 << 20, .resident_bytes = 64 << 20};
};

TEST_F(SignsOfWorkTest, TheFirstLookIsOnlyABeginning) {
  SignsOfWork fresh{kLoadingRules};
  EXPECT_FALSE(fresh.look({.computed = 10s, .moved_bytes = 1 << 30, .resident_bytes = 1 << 30}, now));
}

TEST_F(SignsOfWorkTest, ComputingReadingAndGrowingAreWork) {
  EXPECT_TRUE(after(100ms, {.computed = 60ms}));
  EXPECT_TRUE(after(100ms, {.moved_bytes = 64 << 10}));
  EXPECT_TRUE(after(100ms, {.resident_bytes = 1 << 20}));
}

TEST_F(SignsOfWorkTest, WhatTakesLongToAddUpCountsInTheEnd) {
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(after(100ms, {.moved_bytes = 20 << 10}));
  EXPECT_TRUE(after(100ms, {.moved_bytes = 20 << 10}));
  EXPECT_FALSE(after(100ms, {.moved_bytes = 20 << 10})) << "it begins anew";
}

TEST_F(SignsOfWorkTest, AnsweringWhoAsksWhetherItIsReadyIsNot) {
  for (int i = 0; i < 600; ++i) EXPECT_FALSE(after(100ms, {.computed = i % 4 == 0 ? 10ms : 0ms, .moved_bytes = 100})) << i;
}

TEST_F(SignsOfWorkTest, WhoBeginsToComputeAfterALongRestIsSeen) {
  EXPECT_FALSE(after(50s, {}));
  int seconds = 0;
  while (!after(1s, {.computed = 1s})) ASSERT_LT(++seconds, 10);
}

TEST_F(SignsOfWorkTest, AProcessThatEndsTakesItsFiguresWithItAndTheOthersStillCount) {
  so_far = {.computed = 100ms, .moved_bytes = 1000, .resident_bytes = 1 << 20};
  EXPECT_FALSE(after(100ms, {}));
  EXPECT_TRUE(after(100ms, {.computed = 60ms}));
}

TEST_F(SignsOfWorkTest, LittleComputingIsWorkWhileItServes) {
  SignsOfWork serving{kServingRules};
  serving.look(so_far, now);
  EXPECT_FALSE(serving.look(so_far, now + 1s)) << "stopped, or hung";
  so_far.computed += 40ms;
  EXPECT_TRUE(serving.look(so_far, now + 2s));
}

}  // namespace
}  // namespace proxy::supervisor
