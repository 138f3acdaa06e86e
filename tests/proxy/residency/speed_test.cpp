#include "proxy/residency/speed.hpp"

#include <gtest/gtest.h>

namespace proxy::residency {
namespace {

using namespace std::chrono_literals;

class SpeedTest : public testing::Test {
 protected:
  void beat(std::uint64_t tokens, std::uint64_t slots_busy, milliseconds after = 1s, int run = 1) {
    now += after;
    meter.on("m", run, {.slots_busy = slots_busy, .tokens_total = tokens}, now);
  }

  TimePoint now{1h};
  SpeedMeter meter;
};

TEST_F(SpeedTest, TokensCountOverTheTimeInWhichTheModelWasBusy) {
  EXPECT_FALSE(meter.tokens_per_second("m"));
  beat(40, 1);
  EXPECT_FALSE(meter.tokens_per_second("m")) << "when it began is not known";
  beat(90, 2);
  beat(140, 2);
  beat(160, 0, 400ms);
  EXPECT_DOUBLE_EQ(*meter.tokens_per_second("m"), 120 / 2.4);
  beat(190, 1, 1h);
  EXPECT_DOUBLE_EQ(*meter.tokens_per_second("m"), 120 / 2.4) << "it was idle meanwhile";
  EXPECT_FALSE(meter.tokens_per_second("other"));
}

TEST_F(SpeedTest, AnotherWorkerBeginsAnew) {
  beat(1000, 1);
  beat(1050, 1);
  beat(10, 1, 1s, 2);
  beat(60, 1, 1s, 2);
  EXPECT_DOUBLE_EQ(*meter.tokens_per_second("m"), 50);
}

TEST_F(SpeedTest, ThePastCountsLessAndLess) {
  std::uint64_t tokens = 0;
  beat(tokens, 1);
  for (int i = 0; i < 600; ++i) beat(tokens += 10, 1);
  for (int i = 0; i < 6000; ++i) beat(tokens += 100, 1);
  EXPECT_GT(*meter.tokens_per_second("m"), 99);
}

}  // namespace
}  // namespace proxy::residency
