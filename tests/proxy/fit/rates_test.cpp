#include "proxy/fit/rates.hpp"

#include <gtest/gtest.h>

namespace proxy::fit {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kGib = 1ull << 30;

TEST(Rates, ALargeLoadSaysHowLongAnotherOneFromTheSameDeviceTakes) {
  Rates rates;
  EXPECT_FALSE(rates.expected_load("8:17:1", kGib));
  rates.learn("8:17:1", kGib, 2s);
  EXPECT_EQ(rates.expected_load("8:99:5", 3 * kGib), 6s);
  EXPECT_FALSE(rates.expected_load("9:17:1", kGib)) << "another device";
  EXPECT_FALSE(rates.expected_load("8:99:5", 0)) << "its size is not known";
}

TEST(Rates, SmallLoadsTeachTheFixedPartAndNothingAboutLargeOnes) {
  Rates rates;
  rates.learn("8:1", 15 << 20, 100ms);
  EXPECT_EQ(rates.expected_load("8:2", 10 << 20), 100ms);
  EXPECT_FALSE(rates.expected_load("8:2", kGib));
  rates.learn("8:3", kGib, 1100ms);
  EXPECT_EQ(rates.expected_load("8:4", 2 * kGib), 2100ms) << "the fixed part counts once";
}

TEST(Rates, WhatIsNewCountsMoreThanWhatIsOldButNotAlone) {
  Rates rates;
  rates.learn("8:1", kGib, 1s);
  rates.learn("8:1", kGib, 10s);  // at a tenth of the rate
  const auto mixed = rates.expected_load("8:1", kGib);
  ASSERT_TRUE(mixed);
  EXPECT_GT(*mixed, 1s);
  EXPECT_LT(*mixed, 10s);
  for (int i = 0; i < 30; ++i) rates.learn("8:1", kGib, 10s);
  EXPECT_NEAR(static_cast<double>(rates.expected_load("8:1", kGib)->count()), 10'000, 10);
}

TEST(Rates, NonsenseTeachesNothing) {
  Rates rates;
  rates.learn("", kGib, 1s);
  rates.learn("8:1", 0, 1s);
  rates.learn("8:1", kGib, 0s);
  rates.learn_leave(0s);
  EXPECT_FALSE(rates.expected_load("8:1", kGib));
  EXPECT_FALSE(rates.expected_leave());
  for (int i = 0; i < 1000; ++i) rates.learn(std::to_string(i) + ":1", kGib, 1s);
  EXPECT_TRUE(rates.expected_load("0:1", kGib));
  EXPECT_FALSE(rates.expected_load("999:1", kGib)) << "so many devices there are not";
}

TEST(Rates, WhatIsWrittenDownIsReadAgainAndWhatIsDamagedIsLeftOut) {
  Rates rates;
  rates.learn("8:1", kGib, 2s);
  rates.learn("8:1", 1 << 20, 50ms);
  rates.learn_leave(300ms);
  const Rates again = Rates::from_text(rates.to_text());
  EXPECT_EQ(again.expected_load("8:1", kGib), rates.expected_load("8:1", kGib));
  EXPECT_EQ(again.expected_leave(), 300ms);
  const char* damaged = R"({"version":1,"leave_seconds":-1,"devices":{"8":7,"9":{"bytes_per_second":"x"}}})";
  const char* absurd = R"({"version":1,"leave_seconds":1e300,"devices":{"8":{"bytes_per_second":1e-300},"9":{"fixed_seconds":1e300}}})";
  for (const char* text : {"", "[]", "{\"version\":2}", damaged, absurd}) {
    const Rates none = Rates::from_text(text);
    EXPECT_FALSE(none.expected_load("8:1", kGib)) << text;
    EXPECT_FALSE(none.expected_load("9:1", kGib)) << text;
    EXPECT_FALSE(none.expected_leave()) << text;
  }
}

}  // namespace
}  // namespace proxy::fit
