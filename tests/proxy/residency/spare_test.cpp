#include "proxy/residency/spare.hpp"

#include <gtest/gtest.h>

namespace proxy::residency {
namespace {

using namespace std::chrono_literals;
using supervisor::SpareWish;

class SpareTest : public testing::Test {
 protected:
  SpareWish wish() const { return spare_wish(situation, now); }
  SpareWish wish(Phase phase, Reason reason) {
    situation.phase = phase;
    situation.reason = reason;
    return wish();
  }

  TimePoint now{1h};
  SpareSituation situation{.models = 2, .phase = Phase::serving, .since = now - 1min};
};

TEST_F(SpareTest, OneIsOfUseBesideAResidentThatOthersCouldReplace) {
  EXPECT_EQ(wish(), SpareWish::have);
  situation.models = 1;
  EXPECT_EQ(wish(), SpareWish::none) << "nobody else could come";
}

TEST_F(SpareTest, TheRegistrySwitchesItOffAndTheEndOfTheDaemonToo) {
  situation.allowed = false;
  EXPECT_EQ(wish(), SpareWish::none);
  situation.allowed = true;
  situation.shutting_down = true;
  EXPECT_EQ(wish(), SpareWish::none);
}

TEST_F(SpareTest, TheFirstMomentsOfAModelBelongToThoseWhoWaitedForIt) {
  situation.since = now;
  EXPECT_EQ(wish(), SpareWish::keep);
  const auto due = spare_wish_changes(situation, now);
  ASSERT_EQ(due, now + kFirstMoments);
  now = *due;
  EXPECT_EQ(wish(), SpareWish::have);
  EXPECT_FALSE(spare_wish_changes(situation, now));
}

TEST_F(SpareTest, NoneIsStartedWhileSomethingLoads) {
  EXPECT_EQ(wish(Phase::loading, Reason::requested), SpareWish::keep);
  situation.phase = Phase::serving;
  situation.pinned_one_loads = true;
  EXPECT_EQ(wish(), SpareWish::keep);
}

TEST_F(SpareTest, OneIsStartedAtTheLatestWhenSomebodyMakesRoom) {
  situation.since = now;
  EXPECT_EQ(wish(Phase::draining, Reason::make_room), SpareWish::have);
  EXPECT_EQ(wish(Phase::stopping, Reason::make_room), SpareWish::have);
  EXPECT_EQ(wish(Phase::draining, Reason::returned_to_default), SpareWish::have);
}

TEST_F(SpareTest, WhoeverSendsAModelAwayWantsItsMemory) {
  EXPECT_EQ(wish(Phase::stopping, Reason::operator_unload), SpareWish::keep) << "somebody may be waiting";
  EXPECT_EQ(wish(Phase::vacant, Reason::operator_unload), SpareWish::none);
  EXPECT_EQ(wish(Phase::vacant, Reason::idle), SpareWish::none);
  EXPECT_EQ(wish(Phase::vacant, Reason::requested), SpareWish::none) << "nobody has ever been here";
  EXPECT_EQ(wish(Phase::vacant, Reason::crashed), SpareWish::keep) << "it comes back with the next request";
}

}  // namespace
}  // namespace proxy::residency
