#include "common/token_bucket.hpp"

#include <gtest/gtest.h>

namespace common {
namespace {

using namespace std::chrono_literals;

class TokenBucketTest : public testing::Test {
 protected:
  int passed_of(int tries) {
    int passed = 0;
    for (int i = 0; i < tries; ++i) passed += bucket.take(now);
    return passed;
  }
  TimePoint now{std::chrono::hours(1)};
  TokenBucket bucket{20, 100};
};

TEST_F(TokenBucketTest, LetsABurstThroughAndNoMore) {
  EXPECT_EQ(passed_of(1000), 100);
  EXPECT_EQ(passed_of(1000), 0);
}

TEST_F(TokenBucketTest, FillsWithTimeUpToTheBurst) {
  passed_of(1000);
  now += 49ms;
  EXPECT_EQ(passed_of(10), 0);
  now += 2ms;
  EXPECT_EQ(passed_of(10), 1);
  now += 1s;
  EXPECT_EQ(passed_of(1000), 20);
  now += 1h;
  EXPECT_EQ(passed_of(1000), 100);
}

}  // namespace
}  // namespace common
