#include "proxy/peers/peer_health.hpp"

#include <gtest/gtest.h>

namespace proxy::peers {
namespace {

using namespace std::chrono_literals;

class PeerHealthTest : public testing::Test {
 protected:
  PeerHealth health;
  common::TimePoint now{1h};
};

TEST_F(PeerHealthTest, AStrangerIsAskedAndOneThatAnswersGoesOnToBe) {
  EXPECT_FALSE(health.admit(now));
  EXPECT_FALSE(health.admit(now));
  health.answered(now);
  EXPECT_FALSE(health.admit(now));
  EXPECT_TRUE(health.is_well());
}

TEST_F(PeerHealthTest, OneThatFailsIsLeftAloneForLongerAndLongerWithABound) {
  for (auto pause = 1'000ms; pause < 60s; pause *= 2) {
    health.failed("refused", now);
    EXPECT_EQ(health.admit(now), pause);
    EXPECT_EQ(health.admit(now + pause - 1ms), 1ms);
    now += pause;
    EXPECT_FALSE(health.admit(now));
  }
  for (int i = 0; i < 100; ++i) health.failed("refused", now);
  EXPECT_EQ(health.admit(now), PeerHealth::kMost);
  EXPECT_EQ(health.last_failure(), "refused");
}

TEST_F(PeerHealthTest, SeveralThatFailTogetherAreOneFailure) {
  for (int i = 0; i < 7; ++i) EXPECT_FALSE(health.admit(now));
  for (int i = 0; i < 7; ++i) health.failed("refused", now);
  EXPECT_EQ(health.failures(), 1);
  EXPECT_EQ(health.admit(now), 1s);
}

TEST_F(PeerHealthTest, OneRequestAtATimeTriesWhetherItIsBack) {
  health.failed("refused", now);
  now += 1s;
  EXPECT_FALSE(health.admit(now));
  EXPECT_EQ(health.admit(now), 1s) << "the other one is still trying";
  health.answered(now);
  EXPECT_FALSE(health.admit(now));
  EXPECT_EQ(health.failures(), 0);
  EXPECT_TRUE(health.last_failure().empty());
}

TEST_F(PeerHealthTest, OneThatIsWellIsLookedAfterNowAndThenAndOneThatIsNotAsSoonAsItMay) {
  EXPECT_TRUE(health.begin_look(30s, now)) << "nothing is known of it";
  EXPECT_FALSE(health.begin_look(30s, now + 29s));
  health.answered(now + 29s);
  EXPECT_FALSE(health.begin_look(30s, now + 30s)) << "a request has heard of it";
  EXPECT_TRUE(health.begin_look(30s, now + 59s));
  now += 59s;
  health.failed("refused", now);
  EXPECT_FALSE(health.begin_look(30s, now + 999ms));
  EXPECT_TRUE(health.begin_look(30s, now + 1s));
  EXPECT_FALSE(health.begin_look(30s, now + 1s));
}

}  // namespace
}  // namespace proxy::peers
