#include "worker/serve/restore_economy.hpp"

#include <gtest/gtest.h>

namespace worker::serve {
namespace {

using Seconds = RestoreEconomy::Seconds;

TEST(RestoreEconomy, RestoresBeforeAnythingIsMeasured) {
  RestoreEconomy economy;
  EXPECT_TRUE(economy.restoring_pays(1000, 1000, std::uint64_t(1) << 40));
  EXPECT_FALSE(economy.restoring_pays(0, 1000, 1));
  economy.evaluated(1'000'000, Seconds(1));
  EXPECT_TRUE(economy.restoring_pays(1000, 1000, std::uint64_t(1) << 40)) << "the disk may be faster still";
}

TEST(RestoreEconomy, DoesNotReadALongStateForItsBeginningUntilItKnowsWhatThatCosts) {
  RestoreEconomy economy;
  EXPECT_FALSE(economy.restoring_pays(100, 8000, 1));
  EXPECT_TRUE(economy.restoring_pays(4000, 8000, 1));
  economy.evaluated(1000, Seconds(10));
  economy.restored(1'000'000, Seconds(1));
  EXPECT_TRUE(economy.restoring_pays(100, 8000, 500'000)) << "half a second instead of one";
}

TEST(RestoreEconomy, ComparesWhatBothTakeAsMeasuredHere) {
  RestoreEconomy economy;
  economy.evaluated(1000, Seconds(1));
  economy.restored(100'000'000, Seconds(1));
  EXPECT_TRUE(economy.restoring_pays(1000, 1000, 99'000'000));
  EXPECT_FALSE(economy.restoring_pays(1000, 1000, 101'000'000));
  EXPECT_FALSE(economy.restoring_pays(500, 1000, 99'000'000)) << "only what it saves counts";
}

TEST(RestoreEconomy, WhatWasMeasuredLatelyCountsMost) {
  RestoreEconomy economy;
  economy.evaluated(1000, Seconds(1));
  economy.restored(1'000'000, Seconds(1));
  EXPECT_FALSE(economy.restoring_pays(1000, 1000, 2'000'000));
  for (int i = 0; i < 30; ++i) economy.restored(1'000'000'000, Seconds(1));
  EXPECT_TRUE(economy.restoring_pays(1000, 1000, 500'000'000)) << "the disk was busy then";
  economy.restored(0, Seconds(5));
  economy.restored(5, Seconds(0));
  EXPECT_TRUE(economy.restoring_pays(1000, 1000, 500'000'000)) << "nothing is no measurement";
}

}  // namespace
}  // namespace worker::serve
