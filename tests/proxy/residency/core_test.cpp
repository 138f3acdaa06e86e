#include "proxy/residency/core.hpp"

#include <gtest/gtest.h>

namespace proxy::residency {
namespace {

using namespace std::chrono_literals;
using common::Error;
using common::ErrorKind;

// The core with a scripted world around it: workers start and stop as the test says.
class CoreTest : public testing::Test {
 protected:
  std::vector<Action> on(Input input) {
    std::vector<Action> actions;
    core.on(input, now, actions);
    log.insert(log.end(), actions.begin(), actions.end());
    return actions;
  }
  template <class T>
  std::vector<T> all(const std::vector<Action>& actions) const {
    std::vector<T> found;
    for (const Action& action : actions) {
      if (auto* a = std::get_if<T>(&action)) found.push_back(*a);
    }
    return found;
  }
  std::vector<WaiterId> granted(const std::vector<Action>& actions) const {
    std::vector<WaiterId> ids;
    for (const Grant& g : all<Grant>(actions)) ids.push_back(g.waiter);
    return ids;
  }
  // Moves to every deadline on the way.
  std::vector<Action> advance(milliseconds d) {
    std::vector<Action> actions;
    const auto until = now + d;
    while (core.next_deadline() && *core.next_deadline() <= until) {
      now = std::max(now, *core.next_deadline());
      for (Action& a : on(Tick{})) actions.push_back(std::move(a));
    }
    now = until;
    return actions;
  }
  void make_resident(const ModelId& model, std::uint64_t slots = 4, milliseconds load = 1s) {
    on(Arrives{.waiter = 1000, .model = model});
    now += load;
    on(Ready{model, slots});
    on(Released{1000});
    ASSERT_EQ(core.phase(), Phase::serving);
  }
  // The worker of `from` goes, the one of `to` comes.
  std::vector<Action> swap_to(const ModelId& from, const ModelId& to, std::uint64_t slots = 4) {
    on(Gone{from, std::nullopt});
    return on(Ready{to, slots});
  }
  void ask(WaiterId id, const ModelId& model, int priority = 0) { on(Arrives{.waiter = id, .model = model, .priority = priority}); }

  static Settings settings() { return {.queue_timeout = 600s, .max_queue = 64, .max_wait = 20s}; }

  TimePoint now{1h};
  Core core{settings()};
  std::vector<Action> log;
};

// --- serving ---

TEST_F(CoreTest, AResidentModelIsServedAtOnce) {
  make_resident("a");
  EXPECT_EQ(granted(on(Arrives{1, "a"})), std::vector<WaiterId>{1});
  EXPECT_TRUE(all<Drain>(log).empty());
}

TEST_F(CoreTest, ManyColdRequestsCostOneStartAndAreAllServed) {
  for (WaiterId id = 1; id <= 10; ++id) ask(id, "a");
  EXPECT_EQ(all<Start>(log).size(), 1u);
  EXPECT_EQ(granted(on(Ready{"a", 10})).size(), 10u);
}

TEST_F(CoreTest, GrantsStopAtTheWorkersSlots) {
  for (WaiterId id = 1; id <= 3; ++id) ask(id, "a");
  EXPECT_EQ(granted(on(Ready{"a", 2})), (std::vector<WaiterId>{1, 2}));
  EXPECT_EQ(granted(on(Released{1})), std::vector<WaiterId>{3});
}

TEST_F(CoreTest, HigherPriorityGoesFirstAndEqualsGoInOrderOfArrival) {
  make_resident("a", 1);
  ask(1, "a");
  ask(2, "a", 0);
  ask(3, "a", 5);
  ask(4, "a", 5);
  EXPECT_EQ(granted(on(Released{1})), std::vector<WaiterId>{3});
  EXPECT_EQ(granted(on(Released{3})), std::vector<WaiterId>{4});
  EXPECT_EQ(granted(on(Released{4})), std::vector<WaiterId>{2});
}

TEST_F(CoreTest, WhoHasWaitedMaxWaitIsOvertakenByNoPriority) {
  make_resident("a", 1);
  ask(1, "a");
  ask(2, "a", -5);
  advance(20s);
  ask(3, "a", 5);
  EXPECT_EQ(granted(on(Released{1})), std::vector<WaiterId>{2});
}

// --- turns ---

TEST_F(CoreTest, TheResidentServesOnWhileAnotherModelWaitsLessThanMaxWait) {
  make_resident("a");
  ask(1, "a");
  ask(2, "b");
  advance(19s);
  EXPECT_EQ(granted(on(Arrives{3, "a"})), std::vector<WaiterId>{3});
  EXPECT_TRUE(all<Drain>(log).empty());
}

TEST_F(CoreTest, AfterMaxWaitTheResidentDrainsAndNewRequestsForItQueueBehind) {
  make_resident("a");
  ask(1, "a");
  ask(2, "b");
  EXPECT_EQ(all<Drain>(advance(20s)).at(0).why, Reason::make_room);
  EXPECT_TRUE(granted(on(Arrives{3, "a"})).empty());
  EXPECT_EQ(all<Stop>(on(Released{1})).size(), 1u);
  EXPECT_EQ(all<Start>(on(Gone{"a", std::nullopt})).at(0).model, "b");
  EXPECT_EQ(granted(on(Ready{"b", 4})), std::vector<WaiterId>{2});
}

TEST_F(CoreTest, AnIdleResidentMakesRoomAfterItsMinimumResidencyAndNotBefore) {
  make_resident("a", 4, 3s);
  const auto ready_at = now;
  ask(1, "b");
  EXPECT_TRUE(all<Drain>(advance(6s - 1ms)).empty());
  EXPECT_EQ(all<Drain>(advance(1ms)).size(), 1u);
  EXPECT_EQ(now - ready_at, 6s) << "twice the measured load time";
}

TEST_F(CoreTest, MinimumResidencyStaysWithinItsLimitsAndMaxWait) {
  make_resident("a", 4, 10ms);
  EXPECT_EQ(core.min_residency(), 1s);
  on(Gone{"a", std::nullopt});
  make_resident("a", 4, 300s);
  EXPECT_EQ(core.min_residency(), 20s) << "30 s, but never longer than max_wait";
}

TEST_F(CoreTest, ABusyResidentIsLeftByTheFirstRivalThatFindsItIdle) {
  make_resident("a");
  advance(5s);
  ask(1, "a");
  ask(2, "b");
  on(Released{1});
  EXPECT_TRUE(all<Drain>(log).empty()) << "somebody may ask again at once";
  EXPECT_EQ(all<Drain>(advance(125ms)).size(), 1u) << "an eighth of the measured load time";
}

TEST_F(CoreTest, AResidentThatIsAskedAgainAtOnceIsNotLeft) {
  make_resident("a");
  advance(5s);
  ask(1, "a");
  ask(2, "b");
  for (WaiterId id = 10; id < 20; ++id) {
    on(Released{id == 10 ? 1 : id - 1});
    advance(core.linger() - 1ms);
    EXPECT_EQ(granted(on(Arrives{id, "a"})), std::vector<WaiterId>{id});
  }
  EXPECT_TRUE(all<Drain>(log).empty());
}

TEST_F(CoreTest, LingeringEndsWhenTheRivalHasWaitedMaxWait) {
  on(Configure{{.max_wait = 2s, .min_residency = 0ms, .linger = 60s}});
  make_resident("a");
  ask(1, "b");
  EXPECT_TRUE(all<Drain>(advance(2s - 1ms)).empty());
  EXPECT_EQ(all<Drain>(advance(1ms)).size(), 1u);
}

TEST_F(CoreTest, NoLingerMakesRoomAtOnce) {
  on(Configure{{.min_residency = 0ms, .linger = 0ms}});
  make_resident("a");
  ask(1, "a");
  ask(2, "b");
  EXPECT_EQ(all<Drain>(on(Released{1})).size(), 1u);
}

TEST_F(CoreTest, ALongLoadIsNotLingeredForLongerThanTwoSeconds) {
  make_resident("a", 4, 300s);
  EXPECT_EQ(core.linger(), 2s);
}

TEST_F(CoreTest, ADrainIsTakenBackWhenNobodyElseWantsThePlaceAnyMore) {
  make_resident("a");
  ask(1, "a");
  ask(2, "b");
  advance(20s);
  ask(3, "a");
  auto actions = on(Leaves{2});
  EXPECT_EQ(all<Keep>(actions).size(), 1u);
  EXPECT_EQ(granted(actions), std::vector<WaiterId>{3});
  EXPECT_EQ(all<Start>(log).size(), 1u) << "only the first load of a";
}

TEST_F(CoreTest, AbcabcCostsThreeSwaps) {
  make_resident("z");
  advance(10s);
  WaiterId id = 0;
  for (const char* model : {"a", "b", "c", "a", "b", "c"}) ask(++id, model);
  log.clear();
  EXPECT_EQ(granted(swap_to("z", "a")), (std::vector<WaiterId>{1, 4}));
  on(Released{1});
  on(Released{4});
  advance(10s);
  EXPECT_EQ(granted(swap_to("a", "b")), (std::vector<WaiterId>{2, 5}));
  on(Released{2});
  on(Released{5});
  advance(10s);
  EXPECT_EQ(granted(swap_to("b", "c")), (std::vector<WaiterId>{3, 6}));
  EXPECT_EQ(all<Start>(log).size(), 3u);
}

TEST_F(CoreTest, ThoseWhoWaitedForALoadAreServedBeyondTheSlotsWhileItsTurnLasts) {
  ask(1, "a");
  ask(2, "b");
  ask(3, "a");
  ask(4, "a");
  EXPECT_EQ(granted(on(Ready{"a", 1})), std::vector<WaiterId>{1});
  EXPECT_EQ(granted(on(Released{1})), std::vector<WaiterId>{3});
  EXPECT_EQ(granted(on(Released{3})), std::vector<WaiterId>{4});
  on(Released{4});
  EXPECT_EQ(all<Stop>(advance(1s)).size(), 1u);
}

TEST_F(CoreTest, EverySwapServesSomebodyEvenWhenOthersAreLongOverdue) {
  on(Configure{{.max_wait = 1s, .min_residency = 0ms}});
  ask(1, "a");
  ask(2, "b");
  now += 60s;
  EXPECT_EQ(granted(on(Ready{"a", 1})), std::vector<WaiterId>{1});
}

TEST_F(CoreTest, TheModelThatMadeRoomIsNotNextWhileOthersWait) {
  make_resident("a", 1);
  ask(1, "a");
  ask(2, "a");  // arrived before the rival, and finds no slot
  ask(3, "b");
  advance(20s);
  on(Released{1});
  EXPECT_EQ(all<Start>(on(Gone{"a", std::nullopt})).at(0).model, "b");
}

TEST_F(CoreTest, ASteadyStreamForTheResidentCannotStarveAWaiterForAnother) {
  make_resident("a", 1);
  ask(1, "b");
  const auto asked = now;
  WaiterId running = 0;
  for (WaiterId id = 10; core.phase() == Phase::serving; ++id) {
    ask(id, "a");
    advance(100ms);
    if (running) on(Released{running});
    running = id;
    ASSERT_LE(now - asked, 21s);
  }
  on(Released{running});
  on(Released{running - 1});
  EXPECT_EQ(granted(swap_to("a", "b")), std::vector<WaiterId>{1});
}

TEST_F(CoreTest, PlainFirstComeSwapsForEveryChangeOfModel) {
  on(Configure{{.first_come = true}});
  WaiterId id = 0;
  for (const char* model : {"a", "b", "a", "b"}) ask(++id, model);
  EXPECT_EQ(granted(on(Ready{"a", 4})), std::vector<WaiterId>{1});
  on(Released{1});
  EXPECT_EQ(granted(swap_to("a", "b")), std::vector<WaiterId>{2});
  on(Released{2});
  EXPECT_EQ(granted(swap_to("b", "a")), std::vector<WaiterId>{3});
  on(Released{3});
  EXPECT_EQ(granted(swap_to("a", "b")), std::vector<WaiterId>{4});
}

// --- leaving, failing, coming back ---

TEST_F(CoreTest, AFailedLoadTellsEveryWaiterOfThatModelAndOnlyThem) {
  ask(1, "a");
  ask(2, "a");
  ask(3, "b");
  auto actions = on(Gone{"a", Error(ErrorKind::load_failed, "why")});
  auto rejected = all<Reject>(actions);
  ASSERT_EQ(rejected.size(), 2u);
  EXPECT_EQ(rejected[0].why.message(), "why");
  EXPECT_EQ(all<Start>(actions).at(0).model, "b");
}

TEST_F(CoreTest, AFailedLoadBringsBackWhatMadeRoomForIt) {
  make_resident("a");
  advance(10s);
  ask(1, "b");
  on(Gone{"a", std::nullopt});
  auto actions = on(Gone{"b", Error(ErrorKind::load_failed, "why")});
  EXPECT_EQ(all<Reject>(actions).size(), 1u);
  ASSERT_EQ(all<Start>(actions).size(), 1u);
  EXPECT_EQ(all<Start>(actions)[0].model, "a");
  EXPECT_EQ(all<Start>(actions)[0].why, Reason::rolled_back);
  on(Ready{"a", 4});
  EXPECT_EQ(core.phase(), Phase::serving);
}

TEST_F(CoreTest, WhatWasToComeBackDoesNotComeOnceAnotherModelHasThePlace) {
  make_resident("a");
  advance(10s);
  ask(1, "b");
  on(Gone{"a", std::nullopt});
  ask(2, "c");
  on(Gone{"b", Error(ErrorKind::load_failed, "why")});
  on(Ready{"c", 4});
  on(Released{2});
  on(Unload{"c"});
  EXPECT_TRUE(all<Start>(on(Gone{"c", std::nullopt})).empty());
}

TEST_F(CoreTest, ASecondLoadThatFailsDoesNotForgetWhatIsToComeBack) {
  make_resident("a");
  advance(10s);
  ask(1, "b");
  on(Gone{"a", std::nullopt});
  ask(2, "c");
  EXPECT_EQ(all<Start>(on(Gone{"b", Error(ErrorKind::load_failed, "why")})).at(0).model, "c");
  auto actions = on(Gone{"c", Error(ErrorKind::load_failed, "why")});
  ASSERT_EQ(all<Start>(actions).size(), 1u);
  EXPECT_EQ(all<Start>(actions)[0].model, "a");
  EXPECT_EQ(all<Start>(actions)[0].why, Reason::rolled_back);
}

TEST_F(CoreTest, ABringingBackThatFailsTooIsNotRepeated) {
  make_resident("a");
  advance(10s);
  ask(1, "b");
  on(Gone{"a", std::nullopt});
  on(Gone{"b", Error(ErrorKind::load_failed, "why")});
  EXPECT_TRUE(all<Start>(on(Gone{"a", Error(ErrorKind::load_failed, "why")})).empty());
  EXPECT_EQ(core.phase(), Phase::vacant);
  EXPECT_FALSE(core.next_deadline());
}

TEST_F(CoreTest, BringingBackMakesWayForWhatSomebodyWaitsFor) {
  make_resident("a");
  advance(10s);
  ask(1, "b");
  on(Gone{"a", std::nullopt});
  on(Gone{"b", Error(ErrorKind::load_failed, "why")});
  EXPECT_EQ(all<Abandon>(on(Arrives{2, "c"})).size(), 1u);
  EXPECT_EQ(all<Start>(on(Gone{"a", std::nullopt})).at(0).model, "c");
}

TEST_F(CoreTest, ALoadThatNobodyWantsIsAbandonedAndTheModelBeforeItComesBack) {
  make_resident("a");
  advance(10s);
  ask(1, "b");
  on(Gone{"a", std::nullopt});
  EXPECT_EQ(all<Abandon>(on(Leaves{1})).at(0).why, Reason::not_wanted);
  EXPECT_EQ(all<Start>(on(Gone{"b", std::nullopt})).at(0).model, "a");
}

TEST_F(CoreTest, AWaiterThatLeavesInTheQueueCostsNothing) {
  make_resident("a");
  ask(1, "a");
  ask(2, "b");
  on(Leaves{2});
  on(Released{1});
  advance(60s);
  EXPECT_EQ(all<Start>(log).size(), 1u) << "only the first load of a";
}

TEST_F(CoreTest, ALoadThatOneOfTwoStillWantsGoesOn) {
  ask(1, "a");
  ask(2, "a");
  EXPECT_TRUE(all<Abandon>(on(Leaves{1})).empty());
  EXPECT_EQ(granted(on(Ready{"a", 4})), std::vector<WaiterId>{2});
}

TEST_F(CoreTest, LeavingTwiceOrAfterTheGrantChangesNothing) {
  make_resident("a");
  ask(1, "a");
  EXPECT_TRUE(on(Leaves{1}).empty());
  EXPECT_TRUE(on(Leaves{99}).empty());
  EXPECT_EQ(core.leases(), 1u);
}

TEST_F(CoreTest, ARequestWhileItsModelStopsWaitsForTheStopAndStartsItAgain) {
  make_resident("a");
  on(Unload{"a"});
  ASSERT_EQ(core.phase(), Phase::stopping);
  ask(1, "a");
  EXPECT_EQ(all<Start>(on(Gone{"a", std::nullopt})).at(0).model, "a");
  EXPECT_EQ(granted(on(Ready{"a", 4})), std::vector<WaiterId>{1});
}

TEST_F(CoreTest, ADrainThatExpiresEndsTheLeasesAndTheSwapGoesOn) {
  make_resident("a");
  ask(1, "a");
  ask(2, "b");
  advance(20s);
  EXPECT_EQ(all<EndLeases>(on(DrainExpired{"a"})).size(), 1u);
  EXPECT_EQ(all<Start>(on(Gone{"a", std::nullopt})).at(0).model, "b");
  EXPECT_TRUE(on(Released{1}).empty()) << "the late release belongs to a worker that is gone";
  EXPECT_EQ(granted(on(Ready{"b", 4})), std::vector<WaiterId>{2});
}

TEST_F(CoreTest, ACrashOfTheResidentLeavesItsQueueToBeServedByAFreshLoad) {
  make_resident("a", 1);
  ask(1, "a");
  ask(2, "a");
  auto actions = on(Gone{"a", Error(ErrorKind::worker_crashed, "signal 9")});
  EXPECT_TRUE(all<Reject>(actions).empty());
  EXPECT_EQ(all<Start>(actions).size(), 1u);
  EXPECT_EQ(granted(on(Ready{"a", 1})), std::vector<WaiterId>{2});
}

TEST_F(CoreTest, NobodyIsGrantedAWorkerThatServesNoMoreAndTheNextLoadWaitsUntilItIsGone) {
  make_resident("a", 1);
  ask(1, "a");
  on(Lost{"a"});
  ask(2, "a");
  EXPECT_TRUE(granted(on(Released{1})).empty());
  EXPECT_EQ(all<Start>(log).size(), 1u) << "only the first";
  EXPECT_EQ(all<Start>(on(Gone{"a", Error(ErrorKind::worker_crashed, "signal 9")})).size(), 1u);
  EXPECT_EQ(granted(on(Ready{"a", 1})), std::vector<WaiterId>{2});
}

TEST_F(CoreTest, ARefusedStartFreesThePlaceForTheNextModel) {
  ask(1, "a");
  ask(2, "b");
  auto actions = on(Refused{"a", Error(ErrorKind::backing_off, "later")});
  EXPECT_EQ(all<Reject>(actions).size(), 1u);
  EXPECT_EQ(all<Start>(actions).at(0).model, "b");
}

TEST_F(CoreTest, WhileAWorkerCannotBeEndedEverybodyIsRefusedWithThatReason) {
  make_resident("a");
  on(Unload{"a"});
  ask(1, "b");
  auto refused = all<Reject>(on(Stuck{"a", Error(ErrorKind::unkillable, "in the kernel")}));
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(all<Reject>(on(Arrives{2, "b"})).at(0).why.kind(), ErrorKind::unkillable);
  on(Gone{"a", std::nullopt});
  ask(3, "b");
  EXPECT_EQ(granted(on(Ready{"b", 1})), std::vector<WaiterId>{3});
}

// --- bounds ---

TEST_F(CoreTest, AFullQueueRefusesAtOnceWithAComputedWaitAndLeavesTheRestAlone) {
  on(Configure{{.max_queue = 2}});
  ask(1, "a");
  ask(2, "a");
  auto refused = all<Reject>(on(Arrives{3, "a"}));
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].why.kind(), ErrorKind::queue_full);
  EXPECT_EQ(refused[0].why.retry_after(), 5s) << "no load was measured yet";
  EXPECT_EQ(granted(on(Ready{"a", 4})).size(), 2u);
}

TEST_F(CoreTest, OneKeyCannotFillTheQueue) {
  on(Configure{{.max_queue_per_key = 2}});
  for (WaiterId id = 1; id <= 2; ++id) on(Arrives{.waiter = id, .model = "a", .key = "k"});
  EXPECT_EQ(all<Reject>(on(Arrives{.waiter = 3, .model = "a", .key = "k"})).at(0).why.kind(), ErrorKind::too_many_requests);
  EXPECT_TRUE(all<Reject>(on(Arrives{.waiter = 4, .model = "a", .key = "other"})).empty());
}

TEST_F(CoreTest, AModelsOwnLimitCountsWhatRunsAndWhatWaits) {
  Settings limited = settings();
  limited.terms["a"].max_requests = 2;
  on(Configure{limited});
  make_resident("a", 1);
  ask(1, "a");
  ask(2, "a");
  EXPECT_EQ(all<Reject>(on(Arrives{3, "a"})).at(0).why.kind(), ErrorKind::too_many_requests);
  EXPECT_TRUE(all<Reject>(on(Arrives{4, "b"})).empty());
  on(Leaves{2});
  EXPECT_TRUE(all<Reject>(on(Arrives{5, "a"})).empty()) << "who leaves gives his place back";
}

TEST_F(CoreTest, AWaitEndsAtItsTimeoutAndNotBefore) {
  on(Configure{{.queue_timeout = 60s}});
  ask(1, "a");
  EXPECT_TRUE(all<Reject>(advance(60s - 1ms)).empty());
  auto refused = all<Reject>(advance(1ms));
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].why.kind(), ErrorKind::queue_timeout);
}

TEST_F(CoreTest, TheExpectedWaitIsASumOfMeasuredTimes) {
  EXPECT_EQ(core.expected_wait("a", now), 5s) << "nothing was measured yet";
  make_resident("a", 1, 7s);
  EXPECT_EQ(core.expected_wait("a", now), 1s);
  // Twice 7 s of minimum residency, half a second to leave, and the guess of 5 s for b.
  EXPECT_EQ(core.expected_wait("b", now), 14s + 500ms + 5s);
  advance(14s);
  EXPECT_EQ(core.expected_wait("b", now), 500ms + 5s);
}

TEST_F(CoreTest, WhatWasLearnedOfADeviceStandsInForWhatWasNotMeasuredYet) {
  on(Configure{{.leave_time = 200ms, .terms = {{"a", {.load_time = 3s}}, {"b", {.load_time = 30s}}}}});
  EXPECT_EQ(core.expected_wait("a", now), 3s);
  make_resident("a", 1, 7s);
  EXPECT_EQ(core.expected_wait("b", now), 14s + 200ms + 30s);
  EXPECT_EQ(core.expected_wait("c", now), 14s + 200ms + 5s) << "nothing is known of it";
  advance(14s);
  ask(1, "b");
  on(Gone{"a", std::nullopt});
  EXPECT_EQ(core.expected_wait("a", now), 30s + 20s + 7s) << "by now a was measured, and so was its leaving";
}

// --- operators ---

TEST_F(CoreTest, AnOperatorsLoadEndsTheTurnAtOnceButLetsRunningRequestsFinish) {
  make_resident("a");
  ask(1, "a");
  EXPECT_EQ(all<Drain>(on(Arrives{.waiter = 2, .model = "b", .operator_load = true})).size(), 1u);
  EXPECT_TRUE(all<Stop>(log).empty());
  EXPECT_EQ(all<Stop>(on(Released{1})).size(), 1u);
  on(Gone{"a", std::nullopt});
  auto actions = on(Ready{"b", 4});
  EXPECT_EQ(all<Confirm>(actions).at(0).waiter, 2u);
  EXPECT_EQ(core.leases(), 0u);
}

TEST_F(CoreTest, AnOperatorsLoadOfTheResidentIsConfirmedEvenWithoutAFreeSlot) {
  make_resident("a", 1);
  ask(1, "a");
  EXPECT_EQ(all<Confirm>(on(Arrives{.waiter = 2, .model = "a", .operator_load = true})).size(), 1u);
}

TEST_F(CoreTest, AnOperatorCanLoadWhenTheQueueIsFull) {
  on(Configure{{.max_queue = 1}});
  ask(1, "a");
  EXPECT_TRUE(all<Reject>(on(Arrives{.waiter = 2, .model = "b", .operator_load = true})).empty());
}

TEST_F(CoreTest, UnloadDrainsAndTellsOnlyTheTargetsWaiters) {
  make_resident("a", 1);
  ask(1, "a");
  ask(2, "a");
  ask(3, "b");
  auto refused = all<Reject>(on(Unload{"a"}));
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].waiter, 2u);
  EXPECT_EQ(refused[0].why.kind(), ErrorKind::model_unloaded);
  on(Released{1});
  EXPECT_EQ(granted(swap_to("a", "b")), std::vector<WaiterId>{3});
}

TEST_F(CoreTest, AnUnloadedModelIsNotBroughtBack) {
  make_resident("a");
  advance(10s);
  ask(1, "b");
  on(Unload{"a"});
  on(Gone{"a", std::nullopt});
  EXPECT_TRUE(all<Start>(on(Gone{"b", Error(ErrorKind::load_failed, "why")})).empty());
}

TEST_F(CoreTest, UnloadOfAModelThatIsNotThereChangesNothing) {
  make_resident("a");
  EXPECT_TRUE(on(Unload{"b"}).empty());
  EXPECT_EQ(core.phase(), Phase::serving);
}

TEST_F(CoreTest, RetireKeepsTheWaitersForTheNewEntry) {
  make_resident("a", 1);
  ask(1, "a");
  ask(2, "a");
  EXPECT_TRUE(all<Reject>(on(Retire{"a"})).empty());
  on(Released{1});
  EXPECT_EQ(granted(swap_to("a", "a")), std::vector<WaiterId>{2});
}

TEST_F(CoreTest, ALoadOfAnEntryThatChangedMeanwhileIsBegunAnew) {
  ask(1, "a");
  EXPECT_EQ(all<Abandon>(on(Retire{"a"})).at(0).why, Reason::entry_changed);
  EXPECT_EQ(all<Start>(on(Gone{"a", std::nullopt})).at(0).model, "a");
}

TEST_F(CoreTest, AModelTakenOutOfTheRegistryDrainsAndItsWaitersAreTold) {
  make_resident("a", 1);
  ask(1, "a");
  ask(2, "a");
  EXPECT_EQ(all<Reject>(on(Remove{"a"})).at(0).why.kind(), ErrorKind::model_not_found);
  EXPECT_EQ(core.phase(), Phase::draining);
}

TEST_F(CoreTest, ShutDownRefusesEverybodyAndDrains) {
  make_resident("a", 1);
  ask(1, "a");
  ask(2, "a");
  auto actions = on(ShutDown{});
  EXPECT_EQ(all<Reject>(actions).size(), 1u);
  EXPECT_EQ(all<Drain>(actions).size(), 1u);
  EXPECT_EQ(all<Reject>(on(Arrives{3, "a"})).size(), 1u);
  on(Released{1});
  on(Gone{"a", std::nullopt});
  EXPECT_EQ(core.phase(), Phase::vacant);
}

// --- idleness ---

class IdleTest : public CoreTest {
 protected:
  IdleTest() {
    Settings s = settings();
    s.default_model = "home";
    s.return_to_default_after = 60s;
    s.terms["short"].idle_ttl = 30s;
    on(Configure{s});
  }
};

TEST_F(IdleTest, AModelWithATtlIsUnloadedWhenItHasBeenIdleForSoLong) {
  make_resident("short");
  advance(29s);
  ask(1, "short");
  advance(60s);
  EXPECT_EQ(core.phase(), Phase::serving) << "a running request holds it off";
  on(Released{1});
  EXPECT_TRUE(all<Drain>(advance(30s - 1ms)).empty());
  EXPECT_EQ(all<Drain>(advance(1ms)).at(0).why, Reason::idle);
}

TEST_F(IdleTest, WithoutATtlAModelStays) {
  make_resident("home");
  advance(24h);
  EXPECT_EQ(core.phase(), Phase::serving);
}

TEST_F(IdleTest, TheDefaultModelComesBackAfterAWhile) {
  make_resident("other");
  EXPECT_EQ(all<Drain>(advance(60s)).at(0).why, Reason::returned_to_default);
  EXPECT_EQ(all<Start>(on(Gone{"other", std::nullopt})).at(0).model, "home");
  on(Ready{"home", 4});
  advance(24h);
  EXPECT_EQ(core.active(), "home");
}

TEST_F(IdleTest, TheDefaultModelComesBackAlsoWhenNobodyIsThere) {
  make_resident("short");
  advance(30s);
  on(Gone{"short", std::nullopt});
  EXPECT_EQ(all<Start>(advance(60s)).at(0).model, "home");
}

TEST_F(IdleTest, NothingComesBackWhereNothingWasOrWhereAnOperatorSentItAway) {
  EXPECT_TRUE(all<Start>(advance(24h)).empty());
  make_resident("home");
  on(Unload{"home"});
  on(Gone{"home", std::nullopt});
  log.clear();
  EXPECT_TRUE(all<Start>(advance(24h)).empty());
}

}  // namespace
}  // namespace proxy::residency
