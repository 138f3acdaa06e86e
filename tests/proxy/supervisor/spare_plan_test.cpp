#include "proxy/supervisor/spare_plan.hpp"

#include <gtest/gtest.h>

namespace proxy::supervisor {
namespace {

using namespace std::chrono_literals;
using Step = SparePlan::Step;

class SparePlanTest : public testing::Test {
 protected:
  Step next(SpareWish wish) const { return plan.next(wish, spare, now); }
  void one_is_there(bool said_hello) { spare = SpareFacts{.said_hello = said_hello, .started = now}; }

  common::TimePoint now{1h};
  SpareTimes times;
  SparePlan plan{times};
  std::optional<SpareFacts> spare;
};

TEST_F(SparePlanTest, OneIsStartedOnlyWhereOneIsWanted) {
  EXPECT_EQ(next(SpareWish::none), Step::nothing);
  EXPECT_EQ(next(SpareWish::keep), Step::nothing);
  EXPECT_EQ(next(SpareWish::have), Step::start);
  one_is_there(true);
  EXPECT_EQ(next(SpareWish::have), Step::nothing) << "never a second one";
  EXPECT_EQ(next(SpareWish::keep), Step::nothing);
  EXPECT_EQ(next(SpareWish::none), Step::end);
}

TEST_F(SparePlanTest, OneThatDoesNotSayHelloIsGivenUpAtItsDeadline) {
  one_is_there(false);
  const auto due = plan.deadline(SpareWish::have, spare);
  ASSERT_EQ(due, now + times.hello);
  now = *due - 1ms;
  EXPECT_EQ(next(SpareWish::keep), Step::nothing);
  now = *due;
  EXPECT_EQ(next(SpareWish::keep), Step::give_up);
  spare->said_hello = true;
  EXPECT_EQ(next(SpareWish::keep), Step::nothing);
  EXPECT_FALSE(plan.deadline(SpareWish::have, spare)) << "it may wait for ever";
}

TEST_F(SparePlanTest, OneThatHangsAtItsStartIsNotTakenAndOneThatHasJustBeenStartedIs) {
  one_is_there(false);
  EXPECT_TRUE(plan.may_be_taken(*spare, now));
  now += times.promising;
  EXPECT_FALSE(plan.may_be_taken(*spare, now));
  spare->said_hello = true;
  EXPECT_TRUE(plan.may_be_taken(*spare, now + 24h));
}

TEST_F(SparePlanTest, WhatGoesWrongIsTriedAgainLessAndLessOften) {
  for (auto pause : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    plan.failed(now, SpareFacts{.said_hello = true, .started = now - 1s});  // and said hello before it died
    EXPECT_EQ(plan.deadline(SpareWish::have, spare), now + pause);
    EXPECT_FALSE(plan.deadline(SpareWish::keep, spare));
    now += pause - 1ms;
    EXPECT_EQ(next(SpareWish::have), Step::nothing);
    now += 1ms;
    EXPECT_EQ(next(SpareWish::have), Step::start);
  }
  plan.taken();
  plan.failed(now, std::nullopt);
  EXPECT_EQ(plan.deadline(SpareWish::have, spare), now + 1s);
}

TEST_F(SparePlanTest, OneThatWasThereForALongTimeStartsTheCountAnew) {
  for (int i = 0; i < 4; ++i) plan.failed(now, std::nullopt);
  plan.failed(now, SpareFacts{.said_hello = false, .started = now - times.again_most});
  EXPECT_EQ(plan.deadline(SpareWish::have, spare), now + 16s);
  plan.failed(now, SpareFacts{.said_hello = true, .started = now - times.again_most});
  EXPECT_EQ(plan.deadline(SpareWish::have, spare), now + 1s);
}

TEST_F(SparePlanTest, NoneIsStartedWhereMemoryIsShort) {
  EXPECT_FALSE(plan.has_room(times.room - 1));
  EXPECT_TRUE(plan.has_room(times.room));
  EXPECT_TRUE(plan.has_room(0)) << "it cannot be told";
}

}  // namespace
}  // namespace proxy::supervisor
