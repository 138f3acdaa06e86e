// What the Conductor does when memory is short, rung by rung, and when some of it is lent.
#include <gmock/gmock.h>

#include "proxy/residency/conductor.hpp"

namespace proxy::residency {
namespace {

using namespace std::chrono_literals;
using common::ErrorKind;
using supervisor::Order;
using supervisor::State;
using testing::HasSubstr;
namespace sup = supervisor;

constexpr std::uint64_t kMiB = 1 << 20;

class StrainedTest : public testing::Test {
 protected:
  StrainedTest() {
    settings.memory_bytes = 1000 * kMiB;
    settings.memory = "as much as there is";
    settings.max_wait = 5s;
    settings.default_model = "home";
    settings.return_to_default_after = 60s;
    settings.terms["home"] = {.needed_bytes = 600 * kMiB};
    settings.terms["other"] = {.needed_bytes = 300 * kMiB};
    settings.terms["embed"] = {.file_bytes = 100 * kMiB, .needed_bytes = 100 * kMiB};
    settings.terms["rank"] = {.file_bytes = 50 * kMiB, .needed_bytes = 50 * kMiB};
    conductor.on(Reconfigure{.settings = settings, .timeouts = {}}, now);
  }
  std::vector<Effect> on(Event event) {
    auto effects = conductor.on(event, now);
    all.insert(all.end(), effects.begin(), effects.end());
    return effects;
  }
  std::vector<Effect> ask(WaiterId waiter, const ModelId& model, int priority = 0, bool operator_load = false) {
    return on(Arrives{.waiter = waiter, .model = model, .priority = priority, .operator_load = operator_load});
  }
  std::vector<Effect> strain(Rung rung) { return on(Strained{.rung = rung, .why = "a test says so", .retry_after = 12s}); }
  std::vector<Effect> tell(const ModelId& model, sup::Input what) {
    return on(WorkerEvent{.model = model, .run = conductor.machine(model).run(), .what = std::move(what)});
  }
  std::vector<Effect> comes_up(const ModelId& model, common::Purpose purpose = common::Purpose::generation) {
    tell(model, sup::Spawned{.pid = 7});
    tell(model, sup::Said{common::Hello{}});
    tell(model, sup::Said{common::Ready{.model = model, .purpose = purpose, .slots = 4}});
    return tell(model, sup::Probed{});
  }
  // It does what it was told, and nothing of it is left.
  std::vector<Effect> goes(const ModelId& model) {
    tell(model, sup::Said{common::Saved{}});
    tell(model, sup::Exited{});
    return tell(model, sup::Looked{.survivors = false, .available_bytes = 1});
  }
  std::vector<Effect> advance(milliseconds d) {
    std::vector<Effect> effects;
    const auto until = now + d;
    while (conductor.next_deadline() && *conductor.next_deadline() <= until) {
      now = std::max(now, *conductor.next_deadline());
      for (Effect& effect : on(Tick{})) effects.push_back(std::move(effect));
    }
    now = until;
    return effects;
  }
  template <class T>
  static std::vector<T> all_of(const std::vector<Effect>& effects) {
    std::vector<T> found;
    for (const Effect& effect : effects) {
      if (auto* e = std::get_if<T>(&effect)) found.push_back(*e);
    }
    return found;
  }
  static bool ordered(const std::vector<Effect>& effects, const ModelId& model, Order order) {
    return std::ranges::any_of(all_of<WorkerOrder>(effects), [&](const auto& o) { return o.model == model && o.order == order; });
  }
  State state(const ModelId& model) const { return conductor.machine(model).state(); }

  TimePoint now{1h};
  Settings settings;
  Conductor conductor;
  std::vector<Effect> all;
};

// --- the rungs ---

TEST_F(StrainedTest, OnTheFirstRungNothingIsLoadedAndTheResidentServesOn) {
  ask(1, "home");
  comes_up("home");
  strain(Rung::stop_admitting);
  const auto refused = ask(2, "other");
  ASSERT_EQ(all_of<Reject>(refused).size(), 1u);
  EXPECT_EQ(all_of<Reject>(refused)[0].why.kind(), ErrorKind::memory_pressure);
  EXPECT_EQ(all_of<Reject>(refused)[0].why.retry_after(), 12s);
  EXPECT_THAT(all_of<Reject>(refused)[0].why.message(), HasSubstr("a test says so"));
  EXPECT_EQ(all_of<Grant>(ask(3, "home")).size(), 1u);
  EXPECT_EQ(all_of<Reject>(ask(4, "other", 0, true)).size(), 1u) << "an operator cannot make memory either";
  EXPECT_EQ(all_of<Confirm>(ask(5, "home", 0, true)).size(), 1u);
}

TEST_F(StrainedTest, WhoWaitedForAnotherModelBeforeWaitsOnAndTheResidentStays) {
  ask(1, "home");
  comes_up("home");
  ask(2, "other");
  strain(Rung::stop_admitting);
  EXPECT_TRUE(all_of<WorkerOrder>(advance(60s)).empty()) << "no swap while memory is short";
  EXPECT_EQ(all_of<Grant>(ask(3, "home")).size(), 1u) << "nobody queues behind a swap that cannot come";
  on(Released{1});
  on(Released{3});
  advance(60s);
  EXPECT_EQ(state("home"), State::ready);
  strain(Rung::none);
  EXPECT_EQ(conductor.core().phase(), Phase::stopping) << "its turn was over long ago";
  goes("home");
  EXPECT_EQ(all_of<Grant>(comes_up("other")).size(), 1u);
}

TEST_F(StrainedTest, ADrainForSomebodyElseIsTakenBack) {
  ask(1, "home");
  comes_up("home");
  ask(2, "other");
  advance(10s);
  ASSERT_EQ(state("home"), State::draining);
  strain(Rung::stop_admitting);
  EXPECT_EQ(state("home"), State::ready);
  EXPECT_EQ(all_of<Grant>(ask(3, "home")).size(), 1u);
}

TEST_F(StrainedTest, ALoadUnderWayIsNotGivenUpBeforeTheResidentWouldBe) {
  ask(1, "home");
  strain(Rung::stop_admitting);
  EXPECT_TRUE(all_of<Reject>(ask(2, "home")).empty()) << "it is on its way already";
  EXPECT_EQ(all_of<Grant>(comes_up("home")).size(), 2u);
}

TEST_F(StrainedTest, NobodyWaitsForEverWhileMemoryIsShort) {
  settings.queue_timeout = 30s;
  on(Reconfigure{.settings = settings, .timeouts = {}});
  ask(1, "home");
  comes_up("home");
  ask(2, "other");
  strain(Rung::stop_admitting);
  const auto refused = all_of<Reject>(advance(31s));
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].waiter, 2u);
  EXPECT_EQ(refused[0].why.kind(), ErrorKind::queue_timeout);
}

TEST_F(StrainedTest, CachesAreShrunkOnTheSecondRungAndMayGrowAgainBelowIt) {
  ask(1, "home");
  comes_up("home");
  EXPECT_TRUE(all_of<ShrinkCaches>(strain(Rung::stop_admitting)).empty());
  const auto shrunk = all_of<ShrinkCaches>(strain(Rung::shrink_caches));
  ASSERT_EQ(shrunk.size(), 1u);
  EXPECT_EQ(shrunk[0].model, "home");
  EXPECT_EQ(shrunk[0].keep_bytes, 0u);
  EXPECT_TRUE(all_of<ShrinkCaches>(strain(Rung::drop_saved)).empty()) << "once is enough";
  EXPECT_TRUE(all_of<ShrinkCaches>(strain(Rung::shrink_caches)).empty());
  const auto grown = all_of<ShrinkCaches>(strain(Rung::stop_admitting));
  ASSERT_EQ(grown.size(), 1u);
  EXPECT_EQ(grown[0].keep_bytes, std::nullopt);
}

TEST_F(StrainedTest, AWorkerThatComesUpMeanwhileIsToldToKeepNothing) {
  ask(1, "home");
  strain(Rung::stop_admitting);
  EXPECT_TRUE(all_of<ShrinkCaches>(strain(Rung::shrink_caches)).empty());
  EXPECT_EQ(all_of<ShrinkCaches>(comes_up("home")).size(), 1u);
}

TEST_F(StrainedTest, SavedStatesAreDroppedOnTheThirdRungAndNotAgainOnTheWayDown) {
  strain(Rung::shrink_caches);
  EXPECT_EQ(all_of<DropSaved>(strain(Rung::drop_saved)).size(), 1u);
  EXPECT_TRUE(all_of<DropSaved>(strain(Rung::cancel_lowest)).empty());
  EXPECT_TRUE(all_of<DropSaved>(strain(Rung::drop_saved)).empty());
}

TEST_F(StrainedTest, TheLowestPriorityEndsWithAnErrorAndNothingNewRuns) {
  ask(1, "home", 5);
  ask(2, "home", -1);
  ask(3, "home", -1);
  comes_up("home");
  strain(Rung::drop_saved);
  const auto ended = all_of<LeaseEnds>(strain(Rung::cancel_lowest));
  ASSERT_EQ(ended.size(), 2u);
  EXPECT_EQ(ended[0].waiter, 2u);
  EXPECT_EQ(ended[1].waiter, 3u);
  EXPECT_EQ(ended[0].why.kind(), ErrorKind::memory_pressure);
  EXPECT_THAT(ended[0].why.message(), HasSubstr("cut off"));
  EXPECT_EQ(ended[0].why.retry_after(), 12s);
  on(Released{2});
  on(Released{3});
  EXPECT_TRUE(all_of<Grant>(ask(4, "home")).empty()) << "it would take what was just given up";
  EXPECT_EQ(conductor.core().queue().size(), 1u) << "but it is not refused: its model is there";
  EXPECT_EQ(all_of<Grant>(strain(Rung::drop_saved)).size(), 1u);
}

TEST_F(StrainedTest, TheLowestPriorityIsLookedForInAllPlaces) {
  on(Pin{"embed"});
  comes_up("embed", common::Purpose::embedding);
  ask(1, "embed", 0);
  ask(2, "home", 3);
  comes_up("home");
  const auto ended = all_of<LeaseEnds>(strain(Rung::cancel_lowest));
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].waiter, 1u);
}

TEST_F(StrainedTest, TheResidentLeavesAfterAShortDrainAndThePinnedOnesAfterIt) {
  on(Pin{"embed"});
  comes_up("embed", common::Purpose::embedding);
  ask(1, "home");
  comes_up("home");
  strain(Rung::cancel_lowest);
  strain(Rung::unload);
  EXPECT_EQ(state("home"), State::draining);
  EXPECT_EQ(state("embed"), State::ready);
  EXPECT_TRUE(all_of<LeasesEnd>(advance(sup::Timeouts{}.drain_in_haste - 1ms)).empty());
  const auto late = advance(1ms);
  ASSERT_EQ(all_of<LeasesEnd>(late).size(), 1u);
  EXPECT_EQ(all_of<LeasesEnd>(late)[0].why.kind(), ErrorKind::memory_pressure);
  EXPECT_TRUE(ordered(late, "home", Order::send_exit));
  EXPECT_EQ(state("embed"), State::ready);
  strain(Rung::unload_pinned);
  EXPECT_EQ(state("embed"), State::saving);
  goes("home");
  goes("embed");
  EXPECT_EQ(conductor.anybody(), std::nullopt);
  EXPECT_TRUE(all_of<WorkerOrder>(advance(600s)).empty()) << "nothing comes back while memory is short";
}

TEST_F(StrainedTest, ADrainForAnotherReasonIsCutShortToo) {
  ask(1, "home");
  comes_up("home");
  on(Unload{"home"});
  strain(Rung::unload);
  const auto late = all_of<LeasesEnd>(advance(sup::Timeouts{}.drain_in_haste));
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].why.kind(), ErrorKind::memory_pressure);
  EXPECT_EQ(late[0].why.retry_after(), 12s);
}

TEST_F(StrainedTest, ADrainThatWasNearlyOverEndsAsItWouldHave) {
  ask(1, "home");
  comes_up("home");
  on(Unload{"home"});
  advance(sup::Timeouts{}.drain - 1s);
  strain(Rung::unload);
  const auto late = all_of<LeasesEnd>(advance(1s));
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].why.kind(), ErrorKind::model_evicted);
}

TEST_F(StrainedTest, ALoadUnderWayIsAbandonedWhereTheResidentWouldLeave) {
  ask(1, "home");
  strain(Rung::unload);
  EXPECT_TRUE(ordered(all, "home", Order::send_exit));
  goes("home");
  EXPECT_EQ(conductor.core().phase(), Phase::vacant);
  EXPECT_EQ(conductor.core().queue().size(), 1u) << "who waits is served when memory is back";
  EXPECT_TRUE(ordered(strain(Rung::none), "home", Order::spawn));
}

TEST_F(StrainedTest, AfterTheShortageEverythingComesBackByTheOrdinaryRules) {
  on(Pin{"embed"});
  comes_up("embed", common::Purpose::embedding);
  ask(1, "home");
  comes_up("home");
  on(Released{1});
  strain(Rung::unload_pinned);
  goes("home");
  goes("embed");
  EXPECT_EQ(all_of<Reject>(ask(2, "home")).at(0).why.kind(), ErrorKind::memory_pressure);
  EXPECT_EQ(all_of<Reject>(ask(3, "embed")).at(0).why.kind(), ErrorKind::memory_pressure);
  const auto back = strain(Rung::none);
  EXPECT_TRUE(ordered(back, "embed", Order::spawn)) << "a pinned model is to be there";
  EXPECT_FALSE(ordered(back, "home", Order::spawn)) << "the default after return_to_default_after, or with the next request";
  EXPECT_TRUE(ordered(advance(60s), "home", Order::spawn));
}

TEST_F(StrainedTest, AnOperatorsUnloadIsNotUndoneByAShortage) {
  ask(1, "home");
  comes_up("home");
  on(Unload{"home"});
  strain(Rung::unload);
  on(Released{1});
  goes("home");
  EXPECT_TRUE(all_of<WorkerOrder>(strain(Rung::none)).empty());
  EXPECT_TRUE(all_of<WorkerOrder>(advance(600s)).empty());
}

// --- what is lent ---

TEST_F(StrainedTest, ALeaseThatFitsBesideWhatIsThereShrinksCachesToWhatIsLeft) {
  ask(1, "home");
  comes_up("home");
  const auto effects = on(Lend{.bytes = 300 * kMiB, .left = 600s});
  ASSERT_EQ(all_of<ShrinkCaches>(effects).size(), 1u);
  EXPECT_EQ(all_of<ShrinkCaches>(effects)[0].keep_bytes, 100 * kMiB);
  EXPECT_EQ(state("home"), State::ready);
  const auto ended = all_of<ShrinkCaches>(on(Lend{}));
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].keep_bytes, std::nullopt);
}

TEST_F(StrainedTest, WhatDoesNotFitAnyMoreDrainsToItsEndAndLeaves) {
  ask(1, "home");
  comes_up("home");
  on(Lend{.bytes = 401 * kMiB, .left = 600s});
  EXPECT_EQ(state("home"), State::draining);
  EXPECT_EQ(conductor.core().reason(), Reason::memory_lent);
  EXPECT_TRUE(all_of<LeasesEnd>(advance(sup::Timeouts{}.drain - 1ms)).empty()) << "a running answer has its whole drain time";
  on(Released{1});
  goes("home");
  EXPECT_EQ(conductor.core().phase(), Phase::vacant);

  const auto refused = all_of<Reject>(ask(2, "home"));
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].why.kind(), ErrorKind::memory_pressure) << "not 507: it fits again when the lease ends";
  EXPECT_THAT(refused[0].why.message(), HasSubstr("it needs 600.0 MiB, and of the 1000.0 MiB that models may take 401.0 MiB are lent"));
  EXPECT_EQ(refused[0].why.retry_after(), 600s - (sup::Timeouts{}.drain - 1ms));
  EXPECT_TRUE(ordered(ask(3, "other"), "other", Order::spawn)) << "a smaller one fits";
  EXPECT_EQ(conductor.core().settings().default_model, "") << "and is not left for a default that cannot come";
}

TEST_F(StrainedTest, AfterALeaseTheModelComesBackByTheOrdinaryRules) {
  ask(1, "home");
  comes_up("home");
  on(Released{1});
  on(Lend{.bytes = 500 * kMiB, .left = 600s});
  goes("home");
  EXPECT_FALSE(ordered(advance(500s), "home", Order::spawn));
  EXPECT_TRUE(ordered(on(Lend{}), "home", Order::spawn)) << "it was idle for longer than return_to_default_after";
}

TEST_F(StrainedTest, WhoWaitsForAModelThatHasNoRoomForNowIsToldSo) {
  ask(1, "other");
  comes_up("other");
  ask(2, "home");
  const auto effects = on(Lend{.bytes = 500 * kMiB, .left = 600s});
  ASSERT_EQ(all_of<Reject>(effects).size(), 1u);
  EXPECT_EQ(all_of<Reject>(effects)[0].waiter, 2u);
  EXPECT_EQ(state("other"), State::ready) << "nobody leaves for it";
}

TEST_F(StrainedTest, WhoHasNoRoomAnyMoreBecauseOfAPinIsToldSoAndNobodyLeavesForIt) {
  on(Lend{.bytes = 350 * kMiB, .left = 600s});
  ask(1, "other");
  comes_up("other");
  ask(2, "home");
  const auto effects = on(Pin{"embed"});  // 600 beside 100 are more than 650
  ASSERT_EQ(all_of<Reject>(effects).size(), 1u);
  EXPECT_EQ(all_of<Reject>(effects)[0].waiter, 2u);
  EXPECT_EQ(all_of<Reject>(effects)[0].why.kind(), ErrorKind::memory_pressure);
  EXPECT_EQ(state("other"), State::ready);
}

TEST_F(StrainedTest, WhoHasNoRoomAnyMoreBecauseAPinnedWorkerHoldsMoreThanItsFileIsToldSo) {
  on(Lend{.bytes = 300 * kMiB, .left = 600s});
  on(Pin{"embed"});
  ask(1, "other");
  comes_up("other");
  ask(2, "home");  // 600 beside 100 are 700
  tell("embed", sup::Spawned{.pid = 8});
  tell("embed", sup::Said{common::Hello{}});
  tell("embed", sup::Said{common::Ready{.model = "embed",
                                        .purpose = common::Purpose::embedding,
                                        .slots = 1,
                                        .memory = {{.device = "CPU", .weights_bytes = 101 * kMiB}}}});
  const auto effects = tell("embed", sup::Probed{});
  ASSERT_EQ(all_of<Reject>(effects).size(), 1u);
  EXPECT_EQ(all_of<Reject>(effects)[0].waiter, 2u);
}

TEST_F(StrainedTest, PinnedModelsLeaveLastAndComeBackWhenTheLeaseEnds) {
  for (const char* model : {"embed", "rank"}) {
    on(Pin{model});
    comes_up(model, common::Purpose::embedding);
  }
  ask(1, "other");
  comes_up("other");
  on(Released{1});
  on(Lend{.bytes = 600 * kMiB, .left = 600s});
  EXPECT_EQ(state("other"), State::saving) << "300 beside 150 are more than 400";
  EXPECT_EQ(state("embed"), State::ready);
  EXPECT_EQ(state("rank"), State::ready);
  goes("other");
  on(Lend{.bytes = 900 * kMiB, .left = 600s});
  EXPECT_EQ(state("embed"), State::ready) << "one of them still fits";
  EXPECT_EQ(state("rank"), State::saving);
  const auto gone = goes("rank");
  EXPECT_FALSE(ordered(gone, "rank", Order::spawn));
  EXPECT_EQ(all_of<Reject>(ask(2, "rank")).at(0).why.kind(), ErrorKind::memory_pressure);
  EXPECT_TRUE(ordered(on(Lend{}), "rank", Order::spawn));
}

TEST_F(StrainedTest, ALeaseDuringALoadThatHasNoRoomAnyMoreGivesItUp) {
  ask(1, "home");
  on(Lend{.bytes = 500 * kMiB, .left = 600s});
  EXPECT_TRUE(ordered(all, "home", Order::send_exit));
  const auto gone = goes("home");
  ASSERT_EQ(all_of<Reject>(gone).size(), 1u);
  EXPECT_EQ(all_of<Reject>(gone)[0].why.kind(), ErrorKind::memory_pressure);
  EXPECT_FALSE(ordered(gone, "home", Order::spawn));
}

TEST_F(StrainedTest, WhereMemoryIsNotKnownNothingLeavesForALease) {
  settings.memory_bytes = 0;
  on(Reconfigure{.settings = settings, .timeouts = {}});
  ask(1, "home");
  comes_up("home");
  on(Lend{.bytes = 1ull << 50, .left = 600s});
  EXPECT_EQ(state("home"), State::ready);
}

}  // namespace
}  // namespace proxy::residency
