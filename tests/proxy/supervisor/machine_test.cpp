#include "proxy/supervisor/machine.hpp"

#include <gtest/gtest.h>
#include <signal.h>

namespace proxy::supervisor {
namespace {

using namespace std::chrono_literals;
using common::Error;
using common::ErrorKind;

constexpr std::uint64_t kGib = 1ull << 30;

class MachineTest : public testing::Test {
 protected:
  void on(Input input) { machine.on(input, now, out); }
  void say(common::FromWorker what) { on(Said{std::move(what)}); }
  // Time passes, and every deadline on the way is noticed.
  void advance(common::Duration d) {
    const auto until = now + d;
    while (machine.deadline() && *machine.deadline() <= until) {
      now = *machine.deadline();
      on(Tick{});
    }
    now = until;
  }
  std::size_t count(Order order) const {
    std::size_t n = 0;
    for (const Output& o : out) {
      if (auto* given = std::get_if<Order>(&o)) n += *given == order;
    }
    return n;
  }
  template <class Notice>
  const Notice* last() const {
    for (auto it = out.rbegin(); it != out.rend(); ++it) {
      if (auto* notice = std::get_if<Notice>(&*it)) return notice;
    }
    return nullptr;
  }
  void start() {
    on(Wish::start);
    if (machine.state() == State::starting) on(Spawned{.pid = 42});
  }
  void come_up() {
    start();
    say(common::Hello{});
    say(common::Ready{.model = "m", .slots = 4});
    on(Probed{});
    ASSERT_EQ(machine.state(), State::ready);
  }
  // It ends, leaving nothing behind.
  void end(common::ExitStatus status, std::string last_words = "") {
    on(Exited{.status = status, .last_words = std::move(last_words)});
    on(Looked{.survivors = false, .available_bytes = 64 * kGib});
  }
  const std::optional<Error>& cause() const { return last<Gone>()->cause; }

  common::TimePoint now{1h};
  Timeouts timeouts;
  std::vector<Output> out;
  Machine machine{"m", timeouts};
};

TEST_F(MachineTest, LoadsAfterHelloAndServesOnlyWhenAnAnswerHasProvedIt) {
  start();
  EXPECT_EQ(machine.state(), State::starting);
  EXPECT_EQ(count(Order::send_load), 0u);
  say(common::Hello{});
  EXPECT_EQ(machine.state(), State::loading);
  EXPECT_EQ(count(Order::send_load), 1u);
  say(common::Ready{.model = "m", .slots = 4});
  EXPECT_EQ(machine.state(), State::probing);
  EXPECT_EQ(count(Order::probe), 1u);
  EXPECT_FALSE(last<BecameReady>());
  on(Probed{});
  EXPECT_EQ(machine.state(), State::ready);
  EXPECT_TRUE(last<BecameReady>());
}

TEST_F(MachineTest, AModelThatLoadsButDoesNotAnswerIsAFailedLoadWithThatCause) {
  start();
  say(common::Hello{});
  say(common::Ready{.model = "m"});
  on(Probed{Error(ErrorKind::io, "500 out of cheese")});
  EXPECT_EQ(count(Order::send_exit), 1u);
  end({});
  EXPECT_EQ(machine.state(), State::backoff);
  EXPECT_EQ(cause()->kind(), ErrorKind::load_failed);
  EXPECT_NE(cause()->message().find("out of cheese"), std::string::npos);
}

TEST_F(MachineTest, StartOnAStartedWorkerChangesNothing) {
  come_up();
  start();
  EXPECT_EQ(machine.state(), State::ready);
  EXPECT_EQ(count(Order::spawn), 1u);
}

TEST_F(MachineTest, EndsAWorkerThatNeverSaysHello) {
  start();
  advance(timeouts.hello - 1ms);
  EXPECT_EQ(machine.state(), State::starting);
  advance(1ms);
  EXPECT_EQ(count(Order::kill), 1u);
  end({.signal = SIGKILL});
  EXPECT_EQ(cause()->kind(), ErrorKind::load_timeout);
}

TEST_F(MachineTest, ALoadMayTakeForEverAsLongAsItMoves) {
  start();
  say(common::Hello{});
  for (int i = 0; i < 100; ++i) {
    advance(timeouts.load_stall - 1ms);
    ASSERT_EQ(machine.state(), State::loading);
    say(common::Loading{"weights", i / 100.0});
  }
  EXPECT_EQ(count(Order::kill), 0u);
}

TEST_F(MachineTest, AStalledLoadIsKilledAndTheCauseSaysWhereItStood) {
  start();
  say(common::Hello{});
  say(common::Loading{"weights", 0.37});
  advance(timeouts.load_stall);
  end({.signal = SIGKILL});
  ASSERT_TRUE(cause());
  EXPECT_EQ(cause()->kind(), ErrorKind::load_timeout);
  EXPECT_NE(cause()->message().find("37 %"), std::string::npos) << cause()->message();
  EXPECT_EQ(machine.state(), State::backoff);
}

TEST_F(MachineTest, RetriesAFailedLoadWhenTheBackoffEndsAndNotBefore) {
  start();
  end({.code = 70});
  ASSERT_EQ(machine.state(), State::backoff);
  advance(timeouts.backoff_first - 1ms);
  ASSERT_TRUE(machine.refusal(now));
  EXPECT_EQ(machine.refusal(now)->kind(), ErrorKind::backing_off);
  EXPECT_EQ(machine.refusal(now)->retry_after(), 1ms);
  start();
  EXPECT_EQ(count(Order::spawn), 1u);
  advance(1ms);
  EXPECT_FALSE(machine.refusal(now));
  start();
  EXPECT_EQ(count(Order::spawn), 2u);
}

TEST_F(MachineTest, BackoffDoublesUpToItsLimitAndACrashLoopCostsFewSpawns) {
  const auto begin = now;
  while (now - begin < 10s) {
    start();
    if (machine.state() == State::starting) end({.code = 1});
    advance(10ms);
  }
  EXPECT_LE(count(Order::spawn), 4u);
}

TEST_F(MachineTest, AnOperatorOrAChangedFileEndsABackoff) {
  for (Wish wish : {Wish::reset, Wish::file_changed}) {
    start();
    end({.code = 70});
    ASSERT_TRUE(machine.refusal(now));
    on(wish);
    EXPECT_FALSE(machine.refusal(now));
  }
}

TEST_F(MachineTest, ABadFileIsQuarantinedUntilItChanges) {
  start();
  say(common::Hello{});
  say(common::Fatal{65, "not a GGUF file"});
  end({.code = 65});
  EXPECT_EQ(machine.state(), State::quarantined);
  EXPECT_EQ(cause()->kind(), ErrorKind::bad_model_file);
  advance(24h);
  ASSERT_TRUE(machine.refusal(now));
  EXPECT_NE(machine.refusal(now)->message().find("not a GGUF file"), std::string::npos);
  on(Wish::file_changed);
  EXPECT_FALSE(machine.refusal(now));
}

TEST_F(MachineTest, ACrashOfAReadyWorkerNamesItsSignalAndMayBeRestartedAtOnce) {
  come_up();
  end({.signal = SIGSEGV}, "ggml: assertion failed");
  EXPECT_EQ(machine.state(), State::stopped);
  ASSERT_TRUE(cause());
  EXPECT_EQ(cause()->kind(), ErrorKind::worker_crashed);
  EXPECT_NE(cause()->message().find("signal 11"), std::string::npos);
  EXPECT_NE(cause()->message().find("ggml: assertion failed"), std::string::npos);
  come_up();
}

TEST_F(MachineTest, ThreeCrashesWithinAMinuteQuarantineTheModelUntilAnOperatorSaysSo) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_FALSE(machine.refusal(now));
    come_up();
    advance(10s);
    end({.signal = SIGSEGV});
  }
  EXPECT_EQ(machine.state(), State::quarantined);
  EXPECT_EQ(cause()->kind(), ErrorKind::worker_crashed) << "those who ran on it learn what happened";
  ASSERT_TRUE(machine.refusal(now));
  EXPECT_EQ(machine.refusal(now)->kind(), ErrorKind::quarantined) << "those who come later learn that it is left alone";
  advance(24h);
  EXPECT_TRUE(machine.refusal(now));
  on(Wish::reset);
  come_up();
}

TEST_F(MachineTest, CrashesFarApartAreNotHeldAgainstAModel) {
  for (int i = 0; i < 10; ++i) {
    come_up();
    advance(31s);
    end({.signal = SIGSEGV});
    ASSERT_EQ(machine.state(), State::stopped);
  }
}

TEST_F(MachineTest, EvictionDrainsThenSavesThenAsksThenKills) {
  come_up();
  on(Wish::evict);
  EXPECT_EQ(machine.state(), State::draining);
  EXPECT_EQ(count(Order::send_exit), 0u);
  on(Wish::drained);
  EXPECT_EQ(machine.state(), State::saving);
  EXPECT_EQ(count(Order::send_save), 1u);
  EXPECT_EQ(count(Order::send_exit), 0u);
  say(common::Saved{.sessions = 2, .bytes = 7});
  EXPECT_EQ(machine.state(), State::stopping);
  EXPECT_EQ(machine.saved().sessions, 2u);
  EXPECT_EQ(machine.saved().bytes, 7u);
  EXPECT_EQ(count(Order::send_exit), 1u);
  advance(timeouts.stop - 1ms);
  EXPECT_EQ(count(Order::kill), 0u);
  advance(1ms);
  EXPECT_EQ(count(Order::kill), 1u);
  end({.signal = SIGKILL});
  EXPECT_EQ(machine.state(), State::stopped);
  EXPECT_FALSE(cause());
}

TEST_F(MachineTest, AWorkerThatDoesNotFinishSavingIsStoppedAllTheSame) {
  come_up();
  on(Wish::evict);
  on(Wish::drained);
  advance(timeouts.save);
  EXPECT_EQ(count(Order::send_exit), 1u);
  end({});
  EXPECT_FALSE(cause());
}

TEST_F(MachineTest, ADrainCanBeTakenBack) {
  come_up();
  on(Wish::evict);
  on(Wish::keep);
  EXPECT_EQ(machine.state(), State::ready);
  advance(24h);
  EXPECT_EQ(machine.state(), State::ready);
  EXPECT_FALSE(last<DrainExpired>());
}

TEST_F(MachineTest, ADrainThatOverrunsEndsTheLeases) {
  come_up();
  on(Wish::evict);
  advance(timeouts.drain);
  EXPECT_TRUE(last<DrainExpired>());
  EXPECT_EQ(machine.state(), State::stopping);
  EXPECT_EQ(count(Order::send_exit), 1u);
}

TEST_F(MachineTest, ADrainInHasteIsShorterAndNeverLonger) {
  come_up();
  on(Wish::evict);
  on(Wish::hasten);
  advance(timeouts.drain_in_haste - 1ms);
  EXPECT_FALSE(last<DrainExpired>());
  advance(1ms);
  EXPECT_TRUE(last<DrainExpired>());

  end({});
  out.clear();
  come_up();
  on(Wish::hasten);
  EXPECT_EQ(machine.state(), State::ready) << "there is no drain";
  on(Wish::evict);
  advance(timeouts.drain - 1s);
  on(Wish::hasten);
  advance(1s);
  EXPECT_TRUE(last<DrainExpired>()) << "a second was left";
}

TEST_F(MachineTest, AnAbandonedLoadStopsCleanly) {
  start();
  say(common::Hello{});
  on(Wish::abandon);
  EXPECT_EQ(count(Order::send_exit), 1u);
  end({});
  EXPECT_EQ(machine.state(), State::stopped);
  EXPECT_FALSE(cause());
}

TEST_F(MachineTest, ABusyWorkerThatDoesNothingIsAbortedThenKilled) {
  come_up();
  on(Serves{.requests = 1});
  say(common::Beat{.slots_busy = 1, .tokens_total = 1});
  advance(timeouts.work_stall - 1ms);
  EXPECT_EQ(machine.state(), State::ready);
  advance(1ms);
  EXPECT_EQ(machine.state(), State::aborting);
  EXPECT_EQ(count(Order::abort), 1u);
  EXPECT_TRUE(last<Lost>()) << "its requests need not wait for its death";
  advance(timeouts.abort);
  EXPECT_EQ(count(Order::kill), 1u);
  end({.signal = SIGKILL});
  EXPECT_EQ(cause()->kind(), ErrorKind::worker_crashed);
  EXPECT_NE(cause()->message().find("did nothing"), std::string::npos) << cause()->message();
}

TEST_F(MachineTest, SignsOfWorkCountAsLifeWhereNoTokensAreCounted) {
  come_up();
  on(Serves{.requests = 1});
  for (std::uint64_t i = 1; i <= 3; ++i) {
    advance(timeouts.work_stall - 1s);
    say(common::Beat{.slots_busy = 1, .work_total = i});
    EXPECT_EQ(machine.state(), State::ready);
  }
  advance(timeouts.work_stall - 1s);
  say(common::Beat{.slots_busy = 1, .work_total = 3});
  advance(1s);
  EXPECT_EQ(machine.state(), State::aborting);
}

TEST_F(MachineTest, AnyWorkCountsAsLifeAndABeatWithoutWorkDoesNot) {
  come_up();
  on(Serves{.requests = 1});
  for (std::uint64_t i = 1; i <= 50; ++i) {
    advance(timeouts.work_stall - 1ms);
    say(common::Beat{.slots_busy = 1, .prompt_tokens_total = i});
    ASSERT_EQ(machine.state(), State::ready);
  }
  advance(timeouts.work_stall / 2);
  say(common::Beat{.slots_busy = 1, .prompt_tokens_total = 50});
  advance(timeouts.work_stall / 2);
  EXPECT_EQ(machine.state(), State::aborting);
}

TEST_F(MachineTest, AWorkerWithNothingToDoIsLeftAlone) {
  come_up();
  advance(24h);
  EXPECT_EQ(machine.state(), State::ready);
  on(Serves{.requests = 1});
  say(common::Beat{.slots_busy = 0});  // its one request waits for a client that does not read
  advance(24h);
  EXPECT_EQ(machine.state(), State::ready);
  on(Serves{.requests = 2});  // but a new one has to be begun
  advance(timeouts.work_stall);
  EXPECT_EQ(machine.state(), State::aborting);
}

TEST_F(MachineTest, ClientsThatGiveUpAndComeAgainDoNotPutOffTheEndOfAWorkerThatHangs) {
  come_up();
  on(Serves{.requests = 1});
  say(common::Beat{.slots_busy = 1, .tokens_total = 1});
  advance(timeouts.work_stall / 2);
  on(Serves{.requests = 0});
  say(common::Beat{.slots_busy = 1, .tokens_total = 1});
  on(Serves{.requests = 1});
  on(Serves{.requests = 2});
  advance(timeouts.work_stall / 2 - 1ms);
  EXPECT_EQ(machine.state(), State::ready);
  advance(1ms);
  EXPECT_EQ(machine.state(), State::aborting);
}

TEST_F(MachineTest, WhatIsSaidOfTheEndOfTheProbeIsNotTakenForTheEndOfTheFirstRequest) {
  come_up();
  on(Serves{.requests = 1});
  say(common::Beat{.slots_busy = 0, .tokens_total = 1});  // said before that
  advance(timeouts.work_stall);
  EXPECT_EQ(machine.state(), State::aborting);
}

TEST_F(MachineTest, AWorkerWhoseClientLeftAndThatSaysSoItselfIsLeftAlone) {
  come_up();
  on(Serves{.requests = 1});
  say(common::Beat{.slots_busy = 1, .tokens_total = 1});
  on(Serves{.requests = 0});
  say(common::Beat{.slots_busy = 0, .tokens_total = 2});
  advance(24h);
  EXPECT_EQ(machine.state(), State::ready);
  on(Serves{.requests = 1});  // one that is answered before it has said that it is busy
  on(Serves{.requests = 0});
  advance(24h);
  EXPECT_EQ(machine.state(), State::ready);
}

TEST_F(MachineTest, ThatItServesNoMoreIsToldAtOnceAndThatItIsGoneWhenNothingIsLeft) {
  come_up();
  on(Exited{.status = {.signal = SIGSEGV}});
  ASSERT_TRUE(last<Lost>());
  EXPECT_EQ(last<Lost>()->cause.kind(), ErrorKind::worker_crashed);
  EXPECT_FALSE(last<Gone>());
  on(Looked{.survivors = false});
  EXPECT_TRUE(last<Gone>());
}

TEST_F(MachineTest, IsNotGoneWhileADescendantLives) {
  come_up();
  on(Exited{.status = {.signal = SIGKILL}});
  on(Looked{.survivors = true});
  EXPECT_EQ(machine.state(), State::reaping);
  EXPECT_EQ(count(Order::kill_survivors), 1u);
  on(Looked{.survivors = false});
  EXPECT_EQ(machine.state(), State::stopped);
}

TEST_F(MachineTest, IsNotGoneWhileItsMemoryIsNotBack) {
  come_up();
  on(Wish::evict);
  on(Wish::drained);
  say(common::Saved{});
  on(Holds{.own_bytes = 20 * kGib, .available_bytes = 30 * kGib});
  on(Exited{});
  on(Looked{.survivors = false, .available_bytes = 30 * kGib});
  EXPECT_EQ(machine.state(), State::reaping);
  on(Looked{.survivors = false, .available_bytes = 47 * kGib});
  EXPECT_EQ(machine.state(), State::reaping);
  on(Looked{.survivors = false, .available_bytes = 49 * kGib});
  EXPECT_EQ(machine.state(), State::stopped);
  EXPECT_TRUE(machine.memory_verified());
}

TEST_F(MachineTest, MemoryThatSomebodyElseTookIsWaitedForOnlySoLongAndTheRecordSaysSo) {
  come_up();
  on(Holds{.own_bytes = 20 * kGib, .available_bytes = 30 * kGib});
  on(Exited{.status = {.signal = SIGKILL}});
  on(Looked{.survivors = false, .available_bytes = 31 * kGib});
  advance(timeouts.reap - 1ms);
  EXPECT_EQ(machine.state(), State::reaping);
  advance(1ms);
  EXPECT_EQ(machine.state(), State::stopped);
  EXPECT_FALSE(machine.memory_verified());
  EXPECT_EQ(machine.memory_missing(), 17 * kGib);
}

TEST_F(MachineTest, AWorkerThatOutlivesItsDeathIsUnkillableUntilItHasGone) {
  come_up();
  on(Exited{.status = {.signal = SIGKILL}});
  on(Looked{.survivors = true});
  advance(timeouts.reap);
  EXPECT_EQ(machine.state(), State::unkillable);
  ASSERT_TRUE(last<Stuck>());
  EXPECT_EQ(machine.refusal(now)->kind(), ErrorKind::unkillable);
  advance(24h);
  EXPECT_EQ(machine.state(), State::unkillable);
  on(Looked{.survivors = false});
  EXPECT_EQ(machine.state(), State::stopped);
  EXPECT_FALSE(machine.refusal(now));
}

TEST_F(MachineTest, AWorkerThatDoesNotDieOfItsKillIsUnkillableUntilItHas) {
  start();
  say(common::Hello{});
  advance(timeouts.load_stall);
  EXPECT_EQ(count(Order::kill), 1u);
  advance(timeouts.reap - 1ms);
  EXPECT_EQ(machine.state(), State::stopping);
  advance(1ms);
  EXPECT_EQ(machine.state(), State::unkillable);
  ASSERT_TRUE(last<Stuck>());
  advance(24h);
  end({.signal = SIGKILL});
  EXPECT_EQ(machine.state(), State::backoff);
  EXPECT_EQ(cause()->kind(), ErrorKind::load_timeout);
}

TEST_F(MachineTest, TheKernelGetsItsTimeHoweverLittlePatienceAWorkerGets) {
  timeouts.stop = 0ms;
  machine.set_timeouts(timeouts);
  start();
  say(common::Hello{});
  on(Wish::abandon);
  advance(1ms);
  EXPECT_EQ(count(Order::kill), 1u);
  advance(timeouts.reap - 2ms);
  EXPECT_EQ(machine.state(), State::stopping);
}

TEST_F(MachineTest, AProgramThatCannotBeStartedIsAFailedLoad) {
  on(Wish::start);
  on(NotSpawned{Error(ErrorKind::io, "no such program")});
  EXPECT_EQ(machine.state(), State::backoff);
  EXPECT_EQ(cause()->kind(), ErrorKind::load_failed);
}

TEST_F(MachineTest, AStartThatIsAbandonedBeforeThereIsAProcessIsNoFailure) {
  on(Wish::start);
  on(Wish::abandon);
  EXPECT_EQ(count(Order::send_exit), 1u);
  on(NotSpawned{Error(ErrorKind::timeout, "not yet")});
  EXPECT_EQ(machine.state(), State::stopped);
  ASSERT_TRUE(last<Gone>());
  EXPECT_FALSE(cause());
}

TEST_F(MachineTest, AWorkerThatHangsUpGetsAMomentToEndByItself) {
  come_up();
  on(HungUp{});
  advance(timeouts.hang_up - 1ms);
  end({.code = 70});
  EXPECT_EQ(count(Order::kill), 0u);
  EXPECT_NE(cause()->message().find("exit code 70"), std::string::npos) << "its own status, not that of a kill";
  advance(24h);
  EXPECT_EQ(count(Order::kill), 0u);
}

TEST_F(MachineTest, AWorkerThatHangsUpAndStaysIsKilled) {
  come_up();
  on(HungUp{});
  advance(timeouts.hang_up);
  EXPECT_EQ(count(Order::kill), 1u);
  end({.signal = SIGKILL});
  EXPECT_EQ(machine.state(), State::stopped);
}

TEST_F(MachineTest, AWorkerThatHangsUpAndOutlivesItsKillIsUnkillableUntilItHasGone) {
  come_up();
  on(HungUp{});
  advance(timeouts.hang_up);
  ASSERT_TRUE(last<Lost>()) << "nobody is sent to it any more";
  advance(timeouts.reap - 1ms);
  EXPECT_EQ(machine.state(), State::stopping);
  advance(1ms);
  EXPECT_EQ(machine.state(), State::unkillable);
  ASSERT_TRUE(last<Stuck>());
  end({.signal = SIGKILL});
  EXPECT_EQ(machine.state(), State::stopped);
  EXPECT_EQ(cause()->kind(), ErrorKind::worker_crashed);
}

TEST_F(MachineTest, AWorkerThatHangsUpWhileItLoadsHasFailed) {
  start();
  say(common::Hello{});
  on(HungUp{});
  advance(timeouts.hang_up);
  EXPECT_EQ(count(Order::kill), 1u);
  end({.signal = SIGKILL});
  EXPECT_EQ(machine.state(), State::backoff);
  EXPECT_EQ(cause()->kind(), ErrorKind::load_failed);
}

TEST_F(MachineTest, AnotherProtocolIsRefusedWithBothNumbers) {
  start();
  say(common::Hello{.protocol = 99});
  EXPECT_EQ(count(Order::kill), 1u);
  end({.signal = SIGKILL});
  ASSERT_TRUE(cause());
  EXPECT_NE(cause()->message().find("99"), std::string::npos);
}

TEST_F(MachineTest, TheNextRunKnowsNothingOfTheLast) {
  come_up();
  on(Serves{.requests = 3});
  say(common::Beat{.slots_busy = 1, .tokens_total = 100});
  end({.signal = SIGKILL});
  come_up();
  EXPECT_EQ(machine.run(), 2);
  EXPECT_EQ(machine.beat().tokens_total, 0u);
  advance(24h);
  EXPECT_EQ(machine.state(), State::ready) << "the watchdog counted requests of the run before";
}

// Whatever comes in whatever order, the table never leaves its states and every state that should end has a time limit.
TEST(Lifecycle, EveryStateThatMustEndHasADeadlineAndARuleForIt) {
  for (State state : {State::starting, State::loading, State::probing, State::draining, State::saving, State::aborting, State::stopping,
                      State::reaping, State::backoff}) {
    EXPECT_TRUE(time_limit(state, {}, 0, 1)) << to_string(state);
    EXPECT_TRUE(transition(state, Event::timed_out)) << to_string(state);
  }
  for (State state : {State::stopped, State::ready, State::unkillable, State::quarantined}) {
    EXPECT_FALSE(time_limit(state, {}, 0, 1)) << to_string(state);
    EXPECT_FALSE(transition(state, Event::timed_out)) << to_string(state);
  }
}

TEST(Lifecycle, AWorkerThatHoldsMoreGetsMoreTimeToStop) { EXPECT_EQ(time_limit(State::stopping, {}, 10ull << 30, 0), 12s); }

}  // namespace
}  // namespace proxy::supervisor
