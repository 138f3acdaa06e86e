#include "proxy/supervisor/spare_launcher.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <boost/asio/co_spawn.hpp>

#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_launcher.hpp"

namespace proxy::supervisor {
namespace {

using namespace std::chrono_literals;

class SpareLauncherTest : public testing::Test {
 protected:
  ~SpareLauncherTest() override {
    bool down = false;
    for (auto& process : launcher.processes) process->end({});
    boost::asio::co_spawn(loop, spares.shut_down(), [&](std::exception_ptr) { down = true; });
    for (int i = 0; i < 20 && !down; ++i) clock.advance(1s);
    EXPECT_TRUE(down);
  }
  void keep(SpareWish wish) {
    spares.keep_spare(wish);
    clock.settle();
  }
  tests::FakeProcess& have_one(bool says_hello = true) {
    keep(SpareWish::have);
    if (says_hello) launcher.last().say(common::Hello{.pid = 77});
    clock.settle();
    return launcher.last();
  }
  LaunchedWorker& take(const std::string& model = "m") { return *taken.emplace_back(spares.launch(model).value()); }
  template <class T>
  std::optional<T> outcome_of(boost::asio::awaitable<T> task) {
    auto outcome = std::make_shared<std::optional<T>>();
    boost::asio::co_spawn(loop, std::move(task), [outcome](std::exception_ptr thrown, T value) {
      if (!thrown) *outcome = std::move(value);
    });
    clock.settle();
    return *outcome;
  }

  boost::asio::io_context loop{1};
  tests::FakeClock clock{loop};
  tests::FakeLauncher launcher{loop};
  std::vector<std::unique_ptr<LaunchedWorker>> taken;
  SpareLauncher spares{loop.get_executor(), clock, launcher};
};

TEST_F(SpareLauncherTest, WithoutASpareALaunchIsALaunch) {
  take("m");
  EXPECT_EQ(launcher.processes.size(), 1u);
  EXPECT_EQ(launcher.last().model, "m");
  EXPECT_EQ(spares.spare_report().started, 0u);
}

TEST_F(SpareLauncherTest, ALaunchTakesTheSpareAndHearsItsHelloAndWhatFollows) {
  auto& process = have_one();
  EXPECT_EQ(process.model, "") << "nobody knows for which";
  keep(SpareWish::have);
  EXPECT_EQ(launcher.processes.size(), 1u) << "one is enough";
  auto& worker = take("m");
  EXPECT_EQ(launcher.processes.size(), 1u) << "nothing was started for it";
  EXPECT_EQ(process.model, "m");
  auto first = outcome_of(worker.receive());
  ASSERT_TRUE(first && *first);
  EXPECT_EQ(std::get<common::Hello>(**first).pid, 77);
  worker.send(common::Load{.model = "m"});
  EXPECT_TRUE(process.was_told<common::Load>());
  process.say(common::Loading{"weights", 0.5});
  auto second = outcome_of(worker.receive());
  ASSERT_TRUE(second && *second);
  EXPECT_EQ(std::get<common::Loading>(**second).fraction, 0.5);
  process.end({.code = 3});
  EXPECT_EQ(outcome_of(worker.wait_exit()).value().code, 3);
  EXPECT_EQ(spares.spare_report().taken, 1u);
  EXPECT_EQ(spares.spare_report().lost, 0u) << "what becomes of it later is not ours";
}

TEST_F(SpareLauncherTest, OneThatIsJustStartingIsTakenAndItsHelloComesLater) {
  auto& process = have_one(false);
  auto& worker = take();
  EXPECT_EQ(launcher.processes.size(), 1u);
  std::optional<common::Result<common::FromWorker>> heard;
  boost::asio::co_spawn(loop, worker.receive(), [&](std::exception_ptr, common::Result<common::FromWorker> m) { heard = std::move(m); });
  clock.settle();
  EXPECT_FALSE(heard);
  process.say(common::Hello{});
  clock.settle();
  EXPECT_TRUE(heard && *heard);
}

TEST_F(SpareLauncherTest, OneThatHangsAtItsStartHoldsUpNobodyAndIsEnded) {
  auto& hanging = have_one(false);
  clock.advance(2s);
  take();
  EXPECT_EQ(launcher.processes.size(), 2u) << "a process of its own";
  EXPECT_EQ(launcher.last().model, "m");
  clock.advance(3s);
  EXPECT_EQ(hanging.signals, std::vector<int>{SIGKILL});
  EXPECT_EQ(spares.spare_report().lost, 1u);
  EXPECT_FALSE(spares.spare_report().worker);
}

TEST_F(SpareLauncherTest, OneThatDiesCostsAFreshStartAndIsReplacedAfterAWhile) {
  have_one().end({.signal = SIGKILL});
  clock.settle();
  EXPECT_FALSE(spares.spare_report().worker);
  EXPECT_EQ(spares.spare_report().lost, 1u);
  take();
  EXPECT_EQ(launcher.processes.size(), 2u);
  EXPECT_EQ(launcher.last().model, "m");
  clock.advance(1s);
  EXPECT_EQ(launcher.processes.size(), 3u) << "the wish stands";
  EXPECT_EQ(launcher.last().model, "");
}

TEST_F(SpareLauncherTest, OneThatIsStoppedIsNotTakenAndIsEnded) {
  auto& process = have_one();
  process.stopped = true;
  take();
  EXPECT_EQ(launcher.processes.size(), 2u);
  EXPECT_EQ(process.signals, std::vector<int>{SIGKILL});
  EXPECT_EQ(spares.spare_report().lost, 1u);
}

TEST_F(SpareLauncherTest, OneThatDiesOnceItIsTakenTellsItsEndAsAnyWorkerDoes) {
  auto& process = have_one();
  auto& worker = take();
  process.end({.signal = SIGKILL});
  EXPECT_EQ(outcome_of(worker.wait_exit()).value().signal, SIGKILL);
  EXPECT_EQ(spares.spare_report().lost, 0u);
}

TEST_F(SpareLauncherTest, OneThatSpeaksAnotherProtocolIsEndedAndNotTaken) {
  auto& stranger = have_one(false);
  stranger.say(common::Hello{.protocol = common::kWorkerProtocolVersion + 1});
  clock.settle();
  EXPECT_EQ(stranger.signals, std::vector<int>{SIGKILL});
  take();
  EXPECT_EQ(launcher.processes.size(), 2u);
}

TEST_F(SpareLauncherTest, NobodyIsStartedThatCannotBeOrThatFindsNoMemory) {
  launcher.refuse = true;
  keep(SpareWish::have);
  EXPECT_FALSE(spares.spare_report().worker);
  launcher.refuse = false;
  launcher.available = 100 << 20;
  clock.advance(1s);
  EXPECT_TRUE(launcher.processes.empty());
  launcher.available = 0;
  clock.advance(2s);
  EXPECT_EQ(launcher.processes.size(), 1u) << "what cannot be told does not count as nothing";
}

TEST_F(SpareLauncherTest, OneThatIsNotWantedAnyMoreIsEndedWithWhateverItLeaves) {
  auto& process = have_one();
  process.leaves_descendants = true;
  keep(SpareWish::keep);
  EXPECT_TRUE(process.signals.empty());
  keep(SpareWish::none);
  EXPECT_EQ(process.signals, std::vector<int>{SIGKILL});
  EXPECT_FALSE(process.leaves_descendants);
  EXPECT_FALSE(spares.spare_report().worker);
  EXPECT_EQ(spares.spare_report().lost, 0u);
}

TEST_F(SpareLauncherTest, TheEndDoesNotWaitForOneThatTheKernelKeeps) {
  have_one().dies_of_signals = false;
  bool down = false;
  boost::asio::co_spawn(loop, spares.shut_down(), [&](std::exception_ptr) { down = true; });
  clock.advance(4s);
  EXPECT_FALSE(down);
  clock.advance(1s);
  EXPECT_TRUE(down);
}

}  // namespace
}  // namespace proxy::supervisor
