#include "proxy/residency/core.hpp"

#include <gtest/gtest.h>

#include <random>

namespace proxy::residency {
namespace {

using namespace std::chrono_literals;
using common::Error;
using common::ErrorKind;

// The core with a scripted world around it: workers start and stop as the test says.
class CoreTest : public testing::Test {
 protected:
  std::vector<Action> on(Input input) {
    auto actions = core.on(input, now);
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
  void make_resident(const ModelId& model, std::uint64_t slots = 4) {
    on(Arrives{1000, model});
    on(Ready{model, slots});
    on(Released{1000});
    ASSERT_EQ(core.phase(), Phase::serving);
  }
  // Drain is done, the worker goes, the next one comes.
  std::vector<Action> swap_to(const ModelId& from, const ModelId& to, std::uint64_t slots = 4) {
    on(Gone{from, std::nullopt});
    return on(Ready{to, slots});
  }

  TimePoint now{1h};
  Core core{Limits{.queue_timeout = 60s, .max_queue = 64}};
  std::vector<Action> log;
};

TEST_F(CoreTest, AResidentModelIsServedAtOnce) {
  make_resident("a");
  EXPECT_EQ(granted(on(Arrives{1, "a"})), std::vector<WaiterId>{1});
  EXPECT_TRUE(all<Drain>(log).empty());
}

TEST_F(CoreTest, ManyColdRequestsCostOneStartAndAreAllServed) {
  for (WaiterId id = 1; id <= 10; ++id) on(Arrives{id, "a"});
  EXPECT_EQ(all<Start>(log).size(), 1u);
  EXPECT_EQ(granted(on(Ready{"a", 10})).size(), 10u);
}

TEST_F(CoreTest, GrantsStopAtTheWorkersSlots) {
  for (WaiterId id = 1; id <= 3; ++id) on(Arrives{id, "a"});
  EXPECT_EQ(granted(on(Ready{"a", 2})), (std::vector<WaiterId>{1, 2}));
  EXPECT_EQ(granted(on(Released{1})), std::vector<WaiterId>{3});
}

TEST_F(CoreTest, AnotherModelWaitsUntilTheLeasesAreBack) {
  make_resident("a");
  on(Arrives{1, "a"});
  EXPECT_EQ(all<Drain>(on(Arrives{2, "b"})).size(), 1u);
  EXPECT_TRUE(all<Stop>(log).empty());
  EXPECT_EQ(all<Stop>(on(Released{1})).size(), 1u);
  EXPECT_EQ(all<Start>(on(Gone{"a", std::nullopt})).at(0).model, "b");
  EXPECT_EQ(granted(on(Ready{"b", 4})), std::vector<WaiterId>{2});
}

TEST_F(CoreTest, NobodyIsGrantedTheModelThatDrains) {
  make_resident("a");
  on(Arrives{1, "a"});
  on(Arrives{2, "b"});
  EXPECT_TRUE(granted(on(Arrives{3, "a"})).empty());
}

TEST_F(CoreTest, AbcabcCostsThreeSwaps) {
  make_resident("z");
  WaiterId id = 0;
  for (const char* model : {"a", "b", "c", "a", "b", "c"}) on(Arrives{++id, model});
  log.clear();
  auto first = swap_to("z", "a");
  EXPECT_EQ(granted(first), (std::vector<WaiterId>{1, 4}));
  on(Released{1});
  on(Released{4});
  EXPECT_EQ(granted(swap_to("a", "b")), (std::vector<WaiterId>{2, 5}));
  on(Released{2});
  on(Released{5});
  EXPECT_EQ(granted(swap_to("b", "c")), (std::vector<WaiterId>{3, 6}));
  EXPECT_EQ(all<Start>(log).size(), 3u);
}

TEST_F(CoreTest, ThoseWhoWaitedForALoadAreServedBeforeTheNextSwapEvenBeyondTheSlots) {
  on(Arrives{1, "a"});
  on(Arrives{2, "b"});
  on(Arrives{3, "a"});
  on(Arrives{4, "a"});
  EXPECT_EQ(granted(on(Ready{"a", 1})), std::vector<WaiterId>{1});
  EXPECT_EQ(granted(on(Released{1})), std::vector<WaiterId>{3});
  EXPECT_EQ(granted(on(Released{3})), std::vector<WaiterId>{4});
  EXPECT_EQ(all<Stop>(on(Released{4})).size(), 1u);
}

TEST_F(CoreTest, ASteadyStreamForTheResidentCannotOvertakeAWaiterForAnother) {
  make_resident("a", 1);
  on(Arrives{1, "a"});
  on(Arrives{2, "b"});
  for (WaiterId id = 3; id < 40; ++id) EXPECT_TRUE(granted(on(Arrives{id, "a"})).empty());
  on(Released{1});
  EXPECT_EQ(granted(swap_to("a", "b")), std::vector<WaiterId>{2});
}

TEST_F(CoreTest, AFailedLoadTellsEveryWaiterOfThatModelAndOnlyThem) {
  on(Arrives{1, "a"});
  on(Arrives{2, "a"});
  on(Arrives{3, "b"});
  auto actions = on(Gone{"a", Error(ErrorKind::load_failed, "why")});
  auto rejected = all<Reject>(actions);
  ASSERT_EQ(rejected.size(), 2u);
  EXPECT_EQ(rejected[0].why.message(), "why");
  EXPECT_EQ(all<Start>(actions).at(0).model, "b");
}

TEST_F(CoreTest, AWaiterThatLeavesCostsNothing) {
  make_resident("a");
  on(Arrives{1, "a"});
  on(Arrives{2, "b"});
  on(Leaves{2});
  on(Released{1});
  EXPECT_EQ(granted(on(Gone{"a", std::nullopt})).size(), 0u);
  EXPECT_EQ(all<Start>(log).size(), 1u) << "only the first load of a";
}

TEST_F(CoreTest, ALoadThatNobodyWantsIsAbandoned) {
  on(Arrives{1, "a"});
  EXPECT_EQ(all<Abandon>(on(Leaves{1})).size(), 1u);
}

TEST_F(CoreTest, ALoadThatOneOfTwoStillWantsGoesOn) {
  on(Arrives{1, "a"});
  on(Arrives{2, "a"});
  EXPECT_TRUE(all<Abandon>(on(Leaves{1})).empty());
  EXPECT_EQ(granted(on(Ready{"a", 4})), std::vector<WaiterId>{2});
}

TEST_F(CoreTest, LeavingTwiceOrAfterTheGrantChangesNothing) {
  make_resident("a");
  on(Arrives{1, "a"});
  EXPECT_TRUE(on(Leaves{1}).empty());
  EXPECT_TRUE(on(Leaves{99}).empty());
  EXPECT_EQ(core.leases(), 1u);
}

TEST_F(CoreTest, AFullQueueRefusesAtOnceAndLeavesTheRestAlone) {
  Core small(Limits{.queue_timeout = 60s, .max_queue = 2});
  small.on(Arrives{1, "a"}, now);
  small.on(Arrives{2, "a"}, now);
  auto refused = all<Reject>(small.on(Arrives{3, "a"}, now));
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].why.kind(), ErrorKind::queue_full);
  EXPECT_EQ(granted(small.on(Ready{"a", 4}, now)).size(), 2u);
}

TEST_F(CoreTest, AWaitEndsAtItsTimeoutAndNotBefore) {
  on(Arrives{1, "a"});
  ASSERT_EQ(core.next_deadline(), now + 60s);
  now += 60s - 1ms;
  EXPECT_TRUE(all<Reject>(on(Tick{})).empty());
  now += 1ms;
  auto refused = all<Reject>(on(Tick{}));
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].why.kind(), ErrorKind::queue_timeout);
}

TEST_F(CoreTest, ADrainThatExpiresEndsTheLeasesAndTheSwapGoesOn) {
  make_resident("a");
  on(Arrives{1, "a"});
  on(Arrives{2, "b"});
  EXPECT_EQ(all<EndLeases>(on(DrainExpired{"a"})).size(), 1u);
  EXPECT_EQ(all<Start>(on(Gone{"a", std::nullopt})).at(0).model, "b");
  EXPECT_TRUE(on(Released{1}).empty()) << "the late release belongs to a worker that is gone";
  EXPECT_EQ(granted(on(Ready{"b", 4})), std::vector<WaiterId>{2});
}

TEST_F(CoreTest, ACrashOfTheResidentLeavesItsQueueToBeServedByAFreshLoad) {
  make_resident("a", 1);
  on(Arrives{1, "a"});
  on(Arrives{2, "a"});
  auto actions = on(Gone{"a", Error(ErrorKind::worker_crashed, "signal 9")});
  EXPECT_TRUE(all<Reject>(actions).empty());
  EXPECT_EQ(all<Start>(actions).size(), 1u);
  EXPECT_EQ(granted(on(Ready{"a", 1})), std::vector<WaiterId>{2});
}

TEST_F(CoreTest, UnloadDrainsAndTellsOnlyTheTargetsWaiters) {
  make_resident("a", 1);
  on(Arrives{1, "a"});
  on(Arrives{2, "a"});
  on(Arrives{3, "b"});
  auto refused = all<Reject>(on(Unload{"a"}));
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].waiter, 2u);
  EXPECT_EQ(refused[0].why.kind(), ErrorKind::model_unloaded);
  on(Released{1});
  EXPECT_EQ(granted(swap_to("a", "b")), std::vector<WaiterId>{3});
}

TEST_F(CoreTest, UnloadOfAModelThatIsNotThereChangesNothing) {
  make_resident("a");
  EXPECT_TRUE(on(Unload{"b"}).empty());
  EXPECT_EQ(core.phase(), Phase::serving);
}

TEST_F(CoreTest, RetireKeepsTheWaitersForTheNewEntry) {
  make_resident("a", 1);
  on(Arrives{1, "a"});
  on(Arrives{2, "a"});
  EXPECT_TRUE(all<Reject>(on(Retire{"a"})).empty());
  on(Released{1});
  EXPECT_EQ(granted(swap_to("a", "a")), std::vector<WaiterId>{2});
}

TEST_F(CoreTest, ShutDownRefusesEverybodyAndDrains) {
  make_resident("a", 1);
  on(Arrives{1, "a"});
  on(Arrives{2, "a"});
  auto actions = on(ShutDown{});
  EXPECT_EQ(all<Reject>(actions).size(), 1u);
  EXPECT_EQ(all<Drain>(actions).size(), 1u);
  EXPECT_EQ(all<Reject>(on(Arrives{3, "a"})).size(), 1u);
  on(Released{1});
  on(Gone{"a", std::nullopt});
  EXPECT_EQ(core.phase(), Phase::vacant);
}

TEST_F(CoreTest, ARefusedStartFreesThePlaceForTheNextModel) {
  on(Arrives{1, "a"});
  on(Arrives{2, "b"});
  auto actions = on(Refused{"a", Error(ErrorKind::backing_off, "later")});
  EXPECT_EQ(all<Reject>(actions).size(), 1u);
  EXPECT_EQ(all<Start>(actions).at(0).model, "b");
}

// A world that answers the core's actions late, in any order, with crashes, departures and operators, and checks after every input that
// one model is active, that leases belong to it, and in the end that everybody had exactly one outcome.
class World {
 public:
  explicit World(unsigned seed) : random_(seed) {}

  void run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) step();
    // Everybody comes to an end once no more trouble is made.
    for (int i = 0; i < 10'000 && (!waiting_.empty() || !leases_.empty()); ++i) calm_step();
    EXPECT_TRUE(waiting_.empty()) << waiting_.size() << " wait for ever";
    EXPECT_TRUE(leases_.empty());
  }

 private:
  enum class Process { none, starting, up, leaving };

  unsigned pick(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random_); }
  ModelId any_model() { return std::string(1, static_cast<char>('a' + pick(4))); }

  void step() {
    now_ += std::chrono::milliseconds(pick(50));
    switch (pick(14)) {
      case 0:
      case 1:
      case 2:
      case 3: arrive(); break;
      case 4: leave(); break;
      case 5:
      case 6:
      case 7: release(); break;
      case 8:
      case 9: progress(); break;
      case 10:
        if (process_ != Process::none && pick(10) == 0) gone(Error(ErrorKind::worker_crashed, "crash"));
        break;
      case 11:
        if (pick(10) == 0) feed(Unload{any_model()});
        break;
      case 12:
        if (pick(10) == 0) feed(Retire{any_model()});
        break;
      case 13: feed(Tick{}); break;
    }
  }
  void calm_step() {
    now_ += std::chrono::milliseconds(1);
    release();
    progress();
  }

  void arrive() {
    const WaiterId id = ++last_id_;
    waiting_[id] = any_model();
    feed(Arrives{id, waiting_[id]});
  }
  void leave() {
    if (waiting_.empty()) return;
    auto it = std::next(waiting_.begin(), pick(static_cast<unsigned>(waiting_.size())));
    const WaiterId id = it->first;
    waiting_.erase(it);
    feed(Leaves{id});
  }
  void release() {
    if (leases_.empty()) return;
    auto it = std::next(leases_.begin(), pick(static_cast<unsigned>(leases_.size())));
    const WaiterId id = it->first;
    leases_.erase(it);
    feed(Released{id});
  }
  void progress() {
    if (process_ == Process::starting) {
      if (pick(8) == 0) return gone(Error(ErrorKind::load_failed, "bad luck"));
      process_ = Process::up;
      feed(Ready{running_, 1 + pick(3)});
    } else if (process_ == Process::leaving) {
      gone(std::nullopt);
    } else if (process_ == Process::up && draining_ && pick(6) == 0) {
      process_ = Process::leaving;
      feed(DrainExpired{running_});
    }
  }
  void gone(std::optional<Error> cause) {
    process_ = Process::none;
    draining_ = false;
    feed(Gone{std::exchange(running_, ""), cause});
  }

  void feed(const Input& input) {
    for (const Action& action : core_.on(input, now_)) carry_out(action);
    ASSERT_EQ(core_.active(), running_) << "the core and the world disagree about who is there";
    ASSERT_EQ(core_.queued(), waiting_.size());
  }
  void carry_out(const Action& action) {
    if (auto* grant = std::get_if<Grant>(&action)) {
      ASSERT_EQ(waiting_.count(grant->waiter), 1u) << "granted twice, or after it had left";
      ASSERT_EQ(process_, Process::up);
      ASSERT_FALSE(draining_);
      ASSERT_EQ(waiting_[grant->waiter], running_) << "a model answers for another";
      waiting_.erase(grant->waiter);
      leases_[grant->waiter] = grant->model;
    } else if (auto* reject = std::get_if<Reject>(&action)) {
      ASSERT_EQ(waiting_.erase(reject->waiter), 1u) << "refused twice";
    } else if (auto* start = std::get_if<Start>(&action)) {
      ASSERT_EQ(process_, Process::none) << "two workers at once";
      process_ = Process::starting;
      running_ = start->model;
    } else if (std::get_if<Drain>(&action)) {
      ASSERT_EQ(process_, Process::up);
      ASSERT_FALSE(draining_);
      draining_ = true;
    } else if (std::get_if<Stop>(&action)) {
      ASSERT_TRUE(draining_);
      for (const auto& [id, model] : leases_) ASSERT_TRUE(model != running_ || stale(id)) << "stopped under a running request";
      process_ = Process::leaving;
    } else if (std::get_if<Abandon>(&action)) {
      ASSERT_EQ(process_, Process::starting);
      process_ = Process::leaving;
    }
  }
  // Granted by a worker that has gone since.
  bool stale(WaiterId id) const { return core_.leases() == 0 && leases_.contains(id); }

  std::mt19937 random_;
  Core core_{Limits{.queue_timeout = std::chrono::seconds(20), .max_queue = 16}};
  TimePoint now_{std::chrono::hours(1)};
  WaiterId last_id_ = 0;
  Process process_ = Process::none;
  bool draining_ = false;
  ModelId running_;
  std::map<WaiterId, ModelId> waiting_;
  std::map<WaiterId, ModelId> leases_;
};

TEST(CoreSchedules, HoldItsPromisesWhateverHappensInWhateverOrder) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    world.run(1'000);
    if (testing::Test::HasFailure()) break;
  }
}

}  // namespace
}  // namespace proxy::residency
