#include "worker/serve/device_release.hpp"

#include <gtest/gtest.h>

#include <numeric>

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
      const std::uint64_t bytes = readings[std::min(looks++, readings.size() - 1)];
      return std::vector<DeviceFree>{{"GPU0", bytes}};
    };
    const auto pause = [this](milliseconds time) {
      pauses.push_back(time);
      return pauses.size() < most_pauses;
    };
    return await_release(release, look, pause);
  }
  milliseconds waited() const { return std::accumulate(pauses.begin(), pauses.end(), milliseconds(0)); }

  std::vector<std::uint64_t> readings;
  std::size_t looks = 0, most_pauses = 1'000'000;
  std::vector<milliseconds> pauses;
};

TEST_F(DeviceReleaseTest, WhatIsThereIsNotWaitedFor) {
  readings = {20 * kGiB};
  const Released released = wait({.wanted = {{"GPU0", 20 * kGiB}}, .milliseconds = 5000});
  EXPECT_EQ(released.wait, common::DeviceWait{});
  EXPECT_EQ(released.devices, (std::vector<DeviceFree>{{"GPU0", 20 * kGiB}}));
  EXPECT_TRUE(pauses.empty());
}

TEST_F(DeviceReleaseTest, AFirstLoadHasNothingToWaitForAndTellsWhatItFinds) {
  readings = {7 * kGiB};
  const Released released = wait({});
  EXPECT_EQ(released.devices, (std::vector<DeviceFree>{{"GPU0", 7 * kGiB}}));
  EXPECT_TRUE(pauses.empty());
}

TEST_F(DeviceReleaseTest, ItLooksAgainUntilTheDriverHasGivenItBack) {
  readings = {2 * kGiB, 2 * kGiB, 11 * kGiB, 20 * kGiB};
  const Released released = wait({.wanted = {{"GPU0", 20 * kGiB}}, .milliseconds = 5000});
  EXPECT_EQ(released.wait.missing_bytes, 0);
  EXPECT_EQ(pauses.size(), 3);
  EXPECT_DOUBLE_EQ(released.wait.seconds, std::chrono::duration<double>(waited()).count());
  EXPECT_EQ(released.devices.front().free_bytes, 20 * kGiB) << "what the next one is told is what was there when the load began";
}

TEST_F(DeviceReleaseTest, WhoeverElseTookItIsNotWaitedForLongerThanTheTimeForIt) {
  readings = {15 * kGiB};
  const Released released = wait({.wanted = {{"GPU0", 20 * kGiB}}, .milliseconds = 777});
  EXPECT_EQ(released.wait.missing_bytes, 5 * kGiB);
  EXPECT_EQ(waited(), milliseconds(777));
  EXPECT_FALSE(released.given_up);
}

TEST_F(DeviceReleaseTest, ALoadThatIsGivenUpWaitsNoLonger) {
  readings = {kGiB};
  most_pauses = 2;
  EXPECT_TRUE(wait({.wanted = {{"GPU0", 20 * kGiB}}, .milliseconds = 5000}).given_up);
  EXPECT_EQ(pauses.size(), 2);
}

TEST(MissingOn, CountsEachDeviceAndForgivesNoiseAndDevicesThatAreGone) {
  const std::vector<DeviceFree> devices{{"A", 10 * kGiB}, {"B", 10 * kGiB}};
  EXPECT_EQ(missing_on(devices, {{"A", 12 * kGiB}, {"B", 13 * kGiB}}), 5 * kGiB);
  EXPECT_EQ(missing_on(devices, {{"A", 10 * kGiB + kDeviceNoise}, {"B", 1}}), 0);
  EXPECT_EQ(missing_on(devices, {{"unplugged", 12 * kGiB}}), 0);
}

}  // namespace
}  // namespace worker::serve
