#include "proxy/supervisor/supervisor.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_launcher.hpp"

namespace proxy::supervisor {
namespace {

using namespace std::chrono_literals;
using common::ErrorKind;

class SupervisorTest : public testing::Test {
 protected:
  ~SupervisorTest() override {
    for (auto& process : launcher.processes) process->dies_of_signals = true;
    bool down = false;
    auto done = [&](std::exception_ptr) { down = true; };
    boost::asio::co_spawn(loop, supervisor.shut_down(), done);
    for (int i = 0; i < 100 && !down; ++i) clock.advance(1s);
    EXPECT_TRUE(down);
  }

  void start() {
    supervisor.start({.model = "m", .path = "/m.gguf"});
    clock.settle();
  }
  void come_up() {
    start();
    launcher.last().say(common::Hello{});
    clock.settle();
    launcher.last().say(tests::ready_message("m"));
    clock.settle();
    ASSERT_EQ(supervisor.state(), State::ready);
  }
  template <class T>
  T last_notice() const {
    return std::get<T>(notices.back());
  }

  boost::asio::io_context loop{1};
  tests::FakeClock clock{loop};
  tests::FakeLauncher launcher{loop};
  Timeouts timeouts;
  std::vector<Notice> notices;
  Supervisor supervisor{loop.get_executor(), clock, launcher, timeouts, [this](Notice notice) { notices.push_back(notice); }};
};

TEST_F(SupervisorTest, LoadsAfterHelloAndTellsWhenReady) {
  start();
  EXPECT_EQ(supervisor.state(), State::starting);
  EXPECT_FALSE(launcher.last().was_told<common::Load>());
  launcher.last().say(common::Hello{});
  clock.settle();
  EXPECT_EQ(supervisor.state(), State::loading);
  ASSERT_TRUE(launcher.last().was_told<common::Load>());
  launcher.last().say(tests::ready_message("m"));
  clock.settle();
  EXPECT_EQ(supervisor.state(), State::ready);
  EXPECT_TRUE(std::holds_alternative<WorkerReady>(notices.at(0)));
}

TEST_F(SupervisorTest, StartOnAStartedWorkerChangesNothing) {
  come_up();
  start();
  EXPECT_EQ(supervisor.state(), State::ready);
  EXPECT_EQ(launcher.processes.size(), 1u);
}

TEST_F(SupervisorTest, EndsAWorkerThatNeverSaysHello) {
  start();
  clock.advance(timeouts.hello - 1ms);
  EXPECT_EQ(supervisor.state(), State::starting);
  clock.advance(1ms);
  EXPECT_EQ(launcher.last().signals, std::vector<int>{SIGKILL});
  EXPECT_EQ(last_notice<WorkerGone>().cause->kind(), ErrorKind::load_timeout);
}

TEST_F(SupervisorTest, ALoadMayTakeForEverAsLongAsItMoves) {
  start();
  launcher.last().say(common::Hello{});
  clock.settle();
  for (int i = 0; i < 100; ++i) {
    clock.advance(timeouts.load_stall - 1ms);
    ASSERT_EQ(supervisor.state(), State::loading);
    launcher.last().say(common::Loading{"weights", i / 100.0});
    clock.settle();
  }
  EXPECT_TRUE(launcher.last().signals.empty());
}

TEST_F(SupervisorTest, AStalledLoadIsKilledAndTheCauseSaysWhereItStood) {
  start();
  launcher.last().say(common::Hello{});
  launcher.last().say(common::Loading{"weights", 0.37});
  clock.settle();
  clock.advance(timeouts.load_stall);
  const auto cause = last_notice<WorkerGone>().cause;
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->kind(), ErrorKind::load_timeout);
  EXPECT_NE(cause->message().find("37 %"), std::string::npos) << cause->message();
  EXPECT_EQ(supervisor.state(), State::backoff);
}

TEST_F(SupervisorTest, RetriesAFailedLoadWhenTheBackoffEndsAndNotBefore) {
  start();
  launcher.last().end({.code = 70});
  clock.settle();
  ASSERT_EQ(supervisor.state(), State::backoff);
  clock.advance(timeouts.backoff_first - 1ms);
  ASSERT_TRUE(supervisor.refusal());
  EXPECT_EQ(supervisor.refusal()->kind(), ErrorKind::backing_off);
  EXPECT_EQ(supervisor.refusal()->retry_after(), 1ms);
  start();
  EXPECT_EQ(launcher.processes.size(), 1u);
  clock.advance(1ms);
  EXPECT_FALSE(supervisor.refusal());
  start();
  EXPECT_EQ(launcher.processes.size(), 2u);
}

TEST_F(SupervisorTest, BackoffDoublesUpToItsLimitAndACrashLoopCostsFewSpawns) {
  const auto begin = clock.now();
  while (clock.now() - begin < 10s) {
    start();
    if (supervisor.state() == State::starting) launcher.last().end({.code = 1});
    clock.advance(10ms);
  }
  EXPECT_LE(launcher.processes.size(), 4u);
}

TEST_F(SupervisorTest, ABadFileIsQuarantinedUntilItChanges) {
  start();
  launcher.last().say(common::Hello{});
  launcher.last().say(common::Fatal{65, "not a GGUF file"});
  clock.settle();
  launcher.last().end({.code = 65});
  clock.settle();
  EXPECT_EQ(supervisor.state(), State::quarantined);
  EXPECT_EQ(last_notice<WorkerGone>().cause->kind(), ErrorKind::bad_model_file);
  clock.advance(24h);
  ASSERT_TRUE(supervisor.refusal());
  EXPECT_NE(supervisor.refusal()->message().find("not a GGUF file"), std::string::npos);
  supervisor.file_changed();
  EXPECT_FALSE(supervisor.refusal());
}

TEST_F(SupervisorTest, ACrashOfAReadyWorkerNamesItsSignalAndMayBeRestartedAtOnce) {
  come_up();
  launcher.last().end({.signal = SIGSEGV});
  clock.settle();
  EXPECT_EQ(supervisor.state(), State::stopped);
  const auto cause = last_notice<WorkerGone>().cause;
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->kind(), ErrorKind::worker_crashed);
  EXPECT_NE(cause->message().find("signal 11"), std::string::npos);
  come_up();
}

TEST_F(SupervisorTest, EvictionDrainsThenAsksThenKills) {
  come_up();
  supervisor.evict();
  EXPECT_EQ(supervisor.state(), State::draining);
  EXPECT_FALSE(launcher.last().was_told<common::Exit>());
  supervisor.drained();
  EXPECT_EQ(supervisor.state(), State::stopping);
  EXPECT_TRUE(launcher.last().was_told<common::Exit>());
  clock.advance(timeouts.stop - 1ms);
  EXPECT_TRUE(launcher.last().signals.empty());
  clock.advance(1ms);
  EXPECT_EQ(launcher.last().signals, std::vector<int>{SIGKILL});
  EXPECT_EQ(supervisor.state(), State::stopped);
  EXPECT_FALSE(last_notice<WorkerGone>().cause);
}

TEST_F(SupervisorTest, ADrainThatOverrunsEndsTheLeases) {
  come_up();
  supervisor.evict();
  clock.advance(timeouts.drain);
  EXPECT_TRUE(std::holds_alternative<DrainExpired>(notices.back()));
  EXPECT_EQ(supervisor.state(), State::stopping);
  EXPECT_TRUE(launcher.last().was_told<common::Exit>());
}

TEST_F(SupervisorTest, AnAbandonedLoadStopsCleanly) {
  start();
  launcher.last().say(common::Hello{});
  clock.settle();
  supervisor.abandon();
  EXPECT_TRUE(launcher.last().was_told<common::Exit>());
  launcher.last().end({});
  clock.settle();
  EXPECT_EQ(supervisor.state(), State::stopped);
  EXPECT_FALSE(last_notice<WorkerGone>().cause);
}

TEST_F(SupervisorTest, IsNotGoneWhileADescendantLives) {
  come_up();
  launcher.last().dies_of_signals = false;
  launcher.last().leaves_descendants = true;
  launcher.last().end({.signal = SIGKILL});
  clock.settle();
  EXPECT_EQ(supervisor.state(), State::reaping);
  clock.advance(100ms);
  EXPECT_EQ(launcher.last().signals.back(), SIGKILL);
  EXPECT_EQ(supervisor.state(), State::stopped);
}

TEST_F(SupervisorTest, AProgramThatCannotBeStartedIsAFailedLoad) {
  launcher.refuse = true;
  start();
  EXPECT_EQ(supervisor.state(), State::backoff);
  EXPECT_EQ(last_notice<WorkerGone>().cause->kind(), ErrorKind::load_failed);
}

TEST_F(SupervisorTest, AWorkerThatHangsUpItsControlChannelIsKilled) {
  come_up();
  launcher.last().hang_up();
  clock.settle();
  EXPECT_EQ(launcher.last().signals, std::vector<int>{SIGKILL});
  EXPECT_EQ(supervisor.state(), State::stopped);
}

TEST_F(SupervisorTest, AnotherProtocolIsRefusedWithBothNumbers) {
  start();
  launcher.last().say(common::Hello{.protocol = 99});
  clock.settle();
  const auto cause = last_notice<WorkerGone>().cause;
  ASSERT_TRUE(cause);
  EXPECT_NE(cause->message().find("99"), std::string::npos);
}

// Whatever comes in whatever order, the table never leaves its states and every state that should end has a time limit.
TEST(Lifecycle, EveryStateThatMustEndHasADeadlineAndARuleForIt) {
  for (State state : {State::starting, State::loading, State::draining, State::stopping, State::reaping, State::backoff}) {
    EXPECT_TRUE(time_limit(state, {}, 0, 1)) << to_string(state);
    EXPECT_TRUE(transition(state, Event::timed_out)) << to_string(state);
  }
  for (State state : {State::stopped, State::ready, State::quarantined}) {
    EXPECT_FALSE(time_limit(state, {}, 0, 1)) << to_string(state);
    EXPECT_FALSE(transition(state, Event::timed_out)) << to_string(state);
  }
}

TEST(Lifecycle, AWorkerThatHoldsMoreGetsMoreTimeToStop) { EXPECT_EQ(time_limit(State::stopping, {}, 10ull << 30, 0), 12s); }

}  // namespace
}  // namespace proxy::supervisor
