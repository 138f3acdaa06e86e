#include "proxy/api/poison.hpp"

#include <gtest/gtest.h>

namespace proxy::api {
namespace {

using namespace std::chrono_literals;
using common::ErrorKind;

class PoisonTest : public testing::Test {
 protected:
  common::TimePoint now{1h};
  PoisonList list;
};

TEST_F(PoisonTest, ARequestIsRefusedAfterTheSecondCrashAndNotAfterTheFirst) {
  list.crashed(1, "m/1", now);
  EXPECT_FALSE(list.refusal(1, now));
  list.crashed(1, "m/2", now);
  ASSERT_TRUE(list.refusal(1, now));
  EXPECT_EQ(list.refusal(1, now)->kind(), ErrorKind::poison_request);
  EXPECT_FALSE(list.refusal(2, now));
}

TEST_F(PoisonTest, TwinsThatRanOnTheSameWorkerAreOneCrash) {
  list.crashed(1, "m/1", now);
  list.crashed(1, "m/1", now);
  EXPECT_FALSE(list.refusal(1, now));
}

TEST_F(PoisonTest, AnAnswerClearsIt) {
  list.crashed(1, "m/1", now);
  list.answered(1);
  list.crashed(1, "m/2", now);
  EXPECT_FALSE(list.refusal(1, now));
}

TEST_F(PoisonTest, ItIsForgottenAfterAWhile) {
  list.crashed(1, "m/1", now);
  list.crashed(1, "m/2", now);
  now += PoisonList::kRemembered - 1ms;
  EXPECT_TRUE(list.refusal(1, now));
  now += 1ms;
  EXPECT_FALSE(list.refusal(1, now));
}

TEST_F(PoisonTest, TheListIsBounded) {
  for (std::uint64_t request = 0; request < 3 * PoisonList::kMost; ++request) {
    now += 1ms;
    list.crashed(request, "m/1", now);
    list.crashed(request, "m/2", now);
  }
  EXPECT_FALSE(list.refusal(0, now)) << "the oldest went";
  EXPECT_TRUE(list.refusal(3 * PoisonList::kMost - 1, now));
}

TEST(Fingerprint, KnowsPathAndBodyApart) {
  EXPECT_EQ(fingerprint("/a", "x"), fingerprint("/a", "x"));
  EXPECT_NE(fingerprint("/a", "x"), fingerprint("/b", "x"));
  EXPECT_NE(fingerprint("/a", "x"), fingerprint("/a", "y"));
}

}  // namespace
}  // namespace proxy::api
