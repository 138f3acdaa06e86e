#include "worker/serve/device_release.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace worker::serve {
namespace {

using common::DeviceFree;
using std::chrono::milliseconds;
constexpr std::uint64_t kGiB = 1ull << 30;

// A device whose readings are known beforehand; the last one stays.
class DeviceReleaseTest : public testing::Test {
 protected:
  Released wait(common::DeviceRelease release) {
    const auto look = [this] {
      now += look_takes;
      const std::uint64_t bytes = readings[std::min(looks++, readings.size() - 1)];
      return std::vector<DeviceFree>{{"GPU0", bytes}};
    };
    const auto pause = [this](milliseconds time) {
      now += time;
      ++pauses;
      return pauses < most_pauses;
    };
    return await_release(release, {.look = look, .pause = pause, .now = [this] { return now; }});
  }

  std::vector<std::uint64_t> readings;
  milliseconds look_takes{0};
  std::chrono::steady_clock::time_point now;
  std::size_t looks = 0, pauses = 0, most_pauses = 1'000'000;
};

TEST_F(DeviceReleaseTest, WhatIsThereIsNotWaitedFor) {
  readings = {20 * kGiB};
  const Released released = wait({.wanted = {{"GPU0", 20 * kGiB}}, .milliseconds = 5000});
  EXPECT_EQ(released.wait, common::DeviceWait{});
  EXPECT_EQ(released.devices, (std::vector<DeviceFree>{{"GPU0", 20 * kGiB}}));
  EXPECT_EQ(pauses, 0);
}

TEST_F(DeviceReleaseTest, AFirstLoadHasNothingToWaitForAndTellsWhatItFinds) {
  readings = {7 * kGiB};
  const Released released = wait({});
  EXPECT_EQ(released.devices, (std::vector<DeviceFree>{{"GPU0", 7 * kGiB}}));
  EXPECT_EQ(pauses, 0);
}

TEST_F(DeviceReleaseTest, ItLooksAgainUntilTheDriverHasGivenItBack) {
  readings = {2 * kGiB, 2 * kGiB, 11 * kGiB, 20 * kGiB};
  const Released released = wait({.wanted = {{"GPU0", 20 * kGiB}}, .milliseconds = 5000});
  EXPECT_EQ(released.wait.missing_bytes, 0);
  EXPECT_EQ(pauses, 3);
  EXPECT_DOUBLE_EQ(released.wait.seconds, std::chrono::duration<double>(now.time_since_epoch()).count());
  EXPECT_EQ(released.devices.front().free_bytes, 20 * kGiB) << "what the next one is told is what was there when the load began";
}

TEST_F(DeviceReleaseTest, WhoeverElseTookItIsNotWaitedForLongerThanTheTimeForIt) {
  readings = {15 * kGiB};
  const Released released = wait({.wanted = {{"GPU0", 20 * kGiB}}, .milliseconds = 777});
  EXPECT_EQ(released.wait.missing_bytes, 5 * kGiB);
  EXPECT_DOUBLE_EQ(released.wait.seconds, 0.777);
  EXPECT_FALSE(released.given_up);
}

TEST_F(DeviceReleaseTest, ADriverThatAnswersSlowlyDoesNotMakeItLonger) {
  readings = {15 * kGiB};
  look_takes = milliseconds(500);
  EXPECT_DOUBLE_EQ(wait({.wanted = {{"GPU0", 20 * kGiB}}, .milliseconds = 2000}).wait.seconds, 2.014)
      << "four looks, and 2, 4 and 8 ms between them";
}

TEST_F(DeviceReleaseTest, ALoadThatIsGivenUpWaitsNoLonger) {
  readings = {kGiB};
  most_pauses = 2;
  EXPECT_TRUE(wait({.wanted = {{"GPU0", 20 * kGiB}}, .milliseconds = 5000}).given_up);
  EXPECT_EQ(pauses, 2);
}

TEST(MissingOn, CountsEachDeviceAndForgivesNoiseAndDevicesThatAreGone) {
  const std::vector<DeviceFree> devices{{"A", 10 * kGiB}, {"B", 10 * kGiB}};
  EXPECT_EQ(missing_on(devices, {{"A", 12 * kGiB}, {"B", 13 * kGiB}}), 5 * kGiB);
  EXPECT_EQ(missing_on(devices, {{"A", 10 * kGiB + kDeviceNoise}, {"B", 1}}), 0);
  EXPECT_EQ(missing_on(devices, {{"unplugged", 12 * kGiB}}), 0);
}

}  // namespace
}  // namespace worker::serve
