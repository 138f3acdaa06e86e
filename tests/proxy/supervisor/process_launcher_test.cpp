// Real processes, started as the daemon starts workers: small shell scripts that misbehave, and the fake worker.
#include "proxy/supervisor/process_launcher.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <spdlog/sinks/ostream_sink.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <filesystem>
#include <format>
#include <sstream>

#include "common/huge_pages.hpp"
#include "common/log.hpp"
#include "common/process_table.hpp"
#include "common/sanitizer.hpp"
#include "tests/support/loop_runner.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/support/test_cgroup.hpp"

namespace proxy::supervisor {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::HasSubstr;

class ProcessLauncherTest : public testing::Test {
 protected:
  void TearDown() override {
    for (auto& worker : workers) end(*worker);
    house.cancel();
    runner.run_until([this] { return house.size() == 0; });
  }
  void start(ProcessLauncherConfig config) {
    launcher.emplace(runner.loop().get_executor(), std::move(config));
    launcher->keep_house(house);
  }
  LaunchedWorker& launch() { return *workers.emplace_back(launcher->launch("m").value()); }
  LaunchedWorker& shell(const std::string& script) {
    start({.program = "/bin/sh", .arguments = {"-c", script}, .memory = memory, .cgroup = cgroup});
    return launch();
  }
  common::ExitStatus exit_of(LaunchedWorker& worker) {
    waited.push_back(&worker);
    return runner.run(worker.wait_exit());
  }
  void end(LaunchedWorker& worker) {
    worker.kill_survivors();
    if (!std::ranges::contains(waited, &worker)) exit_of(worker);
    wait_until([&] { return worker.kill_survivors(), !worker.survivors(); });
  }
  // Lets the loop run meanwhile.
  void wait_until(const std::function<bool()>& holds) {
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (!holds()) {
      runner.run(pause());
      if (std::chrono::steady_clock::now() > give_up) throw std::runtime_error("the test waited too long");
    }
  }
  static asio::awaitable<int> pause() {
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, 5ms);
    co_await timer.async_wait(asio::use_awaitable);
    co_return 0;
  }
  // But for the guard.
  static std::vector<common::ProcessEntry> our_children() {
    auto all = common::all_processes();
    std::erase_if(all, [](const common::ProcessEntry& each) {
      return each.parent != ::getpid() || common::find_variable(common::read_environment(each.pid), "PERCH_GUARD");
    });
    return all;
  }
  static bool no_children() { return our_children().empty(); }

  tests::LoopRunner runner{30s};
  common::MemoryFiles memory = common::system_memory_files();
  common::Result<std::filesystem::path> cgroup = common::own_cgroup();
  std::optional<ProcessLauncher> launcher;
  std::vector<std::unique_ptr<LaunchedWorker>> workers;
  std::vector<LaunchedWorker*> waited;
  common::TaskGroup house{runner.loop().get_executor(), "house"};
};

// With cgroups and without.
class DescendantTest : public ProcessLauncherTest, public testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    if (!GetParam()) cgroup = common::fail(common::ErrorKind::io, "the test wants none");
    else if (!cgroup) GTEST_SKIP() << "no cgroup can be made here: " << cgroup.error().message();
  }
};
INSTANTIATE_TEST_SUITE_P(, DescendantTest, testing::Bool(),
                         [](const testing::TestParamInfo<bool>& with) { return with.param ? "InACgroup" : "InProc"; });

TEST_P(DescendantTest, ADescendantThatLeftTheGroupIsASurvivorUntilItIsKilled) {
  auto& worker = shell("(setsid sh -c 'trap \"\" TERM INT HUP; echo deaf; sleep 60; sleep 60' &); exit 3");
  EXPECT_EQ(exit_of(worker).code, 3);
  wait_until([&] { return worker.last_lines() == std::vector<std::string>{"deaf"}; });
  worker.signal(SIGTERM);
  EXPECT_TRUE(worker.survivors());
  wait_until([&] { return worker.kill_survivors(), !worker.survivors(); });
  wait_until(no_children);
}

TEST_P(DescendantTest, AWorkerWithoutAModelHidesNobodysDescendantsAndIsNotTakenForTheirParent) {
  start({.program = "/bin/sh",
         .arguments = {"-c", "[ $PERCH_WORKER = 1 ] && exec sleep 60; (setsid env -i sleep 60 &); sleep 0.2"},
         .memory = memory,
         .cgroup = cgroup});
  auto& spare = *workers.emplace_back(launcher->launch("").value());
  auto& worker = launch();
  exit_of(worker);
  EXPECT_TRUE(worker.survivors());
  wait_until([&] { return worker.kill_survivors(), !worker.survivors(); });
  EXPECT_TRUE(spare.runs());
  spare.assign("m");
  EXPECT_TRUE(spare.runs());
}

TEST_P(DescendantTest, ADescendantThatClearedItsEnvironmentIsFoundToo) {
  auto& worker = shell("(setsid env -i sleep 60 &); sleep 0.2; exit 0");
  exit_of(worker);
  EXPECT_TRUE(worker.survivors());
  wait_until([&] { return worker.kill_survivors(), !worker.survivors(); });
}

TEST_P(DescendantTest, AMemberOfItsGroupIsASurvivor) {
  auto& worker = shell("env -i sleep 60 & env -i sleep 60 & exit 0");
  exit_of(worker);
  EXPECT_TRUE(worker.survivors());
  wait_until([&] { return worker.kill_survivors(), !worker.survivors(); });
}

TEST_P(DescendantTest, TheGroupOfAWorkerThatHasEndedIsNotSignalledByANumberThatMayBeSomebodyElses) {
  auto& worker = shell("env -i sleep 60 & exit 0");
  exit_of(worker);
  worker.signal(SIGTERM);
  for (int i = 0; i < 20; ++i) runner.run(pause());
  EXPECT_TRUE(worker.survivors());
}

TEST_P(DescendantTest, OneWorkersSurvivorsAreNotAnothers) {
  auto& leaves = shell("[ $PERCH_WORKER = 2 ] && exec sleep 60; (setsid sleep 60 &); exit 0");
  auto& stays = launch();
  exit_of(leaves);
  wait_until([&] { return leaves.kill_survivors(), !leaves.survivors(); });
  EXPECT_TRUE(stays.survivors());
  EXPECT_FALSE(common::read_process(stays.pid())->ended());
}

TEST_P(DescendantTest, AdoptedProcessesAreReapedAndNoExitStatusIsStolen) {
  shell("(setsid true &); (setsid sleep 0.05 &); sleep 0.1; exit 7");
  for (int i = 0; i < 4; ++i) launch();
  // Long after they have ended, and after the reaper has seen it: what was adopted is gone, the workers are zombies.
  wait_until([&] {
    const auto children = our_children();
    return children.size() == workers.size() && std::ranges::all_of(children, &common::ProcessEntry::ended);
  });
  for (auto& worker : workers) EXPECT_EQ(exit_of(*worker).code, 7);
  wait_until(no_children);
}

TEST_P(DescendantTest, ADroppedWorkerIsReapedToo) {
  shell("exec sleep 60");
  workers.clear();
  wait_until(no_children);
}

class InCgroupTest : public ProcessLauncherTest {
 protected:
  void SetUp() override {
    if (!cgroup) GTEST_SKIP() << "no cgroup can be made here: " << cgroup.error().message();
    alone.emplace(*cgroup);
    cgroup = alone->path();
  }
  // The folders of workers.
  std::size_t cgroups() const {
    std::size_t count = 0;
    for (const auto& daemon : std::filesystem::directory_iterator(alone->path())) {
      if (!daemon.is_directory()) continue;
      for (const auto& entry : std::filesystem::directory_iterator(daemon)) count += entry.is_directory();
    }
    return count;
  }
  std::optional<tests::TestCgroup> alone;
};

TEST_F(InCgroupTest, ADescendantThatHidFromProcIsFoundBesideAnotherWorker) {
  // Its session, its parent and its environment are its own, and the daemon that adopts it has two workers.
  auto& leaves = shell("[ $PERCH_WORKER = 2 ] && exec sleep 60; (setsid env -i sh -c 'sleep 60 & echo $!' &); exit 0");
  auto& stays = launch();
  exit_of(leaves);
  wait_until([&] { return leaves.last_lines().size() == 1; });
  const pid_t hidden = std::stoi(leaves.last_lines()[0]);
  wait_until([&] { return common::read_process(hidden)->parent == ::getpid(); });
  EXPECT_TRUE(leaves.survivors());
  leaves.kill_survivors();
  wait_until([&] { return !leaves.survivors(); });
  EXPECT_FALSE(common::read_process(hidden) && !common::read_process(hidden)->ended());
  EXPECT_TRUE(stays.survivors());
  EXPECT_FALSE(common::read_process(stays.pid())->ended());
}

TEST_F(InCgroupTest, AnOrphanThatIsInNoCgroupOfAWorkerIsNotOurs) {
  auto& worker = shell("exec sleep 60");
  FILE* const starts = ::popen("sleep 60 >/dev/null 2>&1 & echo $!", "r");
  ASSERT_TRUE(starts);
  pid_t orphan = 0;
  ASSERT_EQ(std::fscanf(starts, "%d", &orphan), 1);
  ::pclose(starts);
  const auto lives = [&] {
    const auto process = common::read_process(orphan);
    return process && !process->ended();
  };
  wait_until([&] { return common::read_process(orphan)->parent == ::getpid(); });
  worker.signal(SIGKILL);
  exit_of(worker);
  wait_until([&] { return !worker.survivors(); });
  worker.kill_survivors();
  EXPECT_TRUE(lives());
  ::kill(orphan, SIGKILL);
  wait_until([&] { return !lives(); });
}

TEST_F(InCgroupTest, OneKillEndsAProcessThatForksAllTheTime) {
  constexpr std::uintmax_t kMost = 20000;  // it gives up after a while
  tests::TempFolder folder;
  // Each starts the next one and ends: whoever looks for it finds one that is no more.
  const auto flee = folder.write("flee", "echo >>\"$0.steps\"; [ $1 -gt 0 ] && setsid -f sh \"$0\" $(($1 - 1))\n");
  const auto steps = [&] {
    std::error_code not_yet;
    const auto size = std::filesystem::file_size(flee.string() + ".steps", not_yet);
    return not_yet ? 0 : size;
  };
  auto& worker = shell(std::format("sh {} {}; exit 0", flee.string(), kMost));
  exit_of(worker);
  wait_until([&] { return steps() > 20; });
  worker.kill_survivors();
  wait_until([&] { return !worker.survivors(); });
  const auto last = steps();
  EXPECT_LT(last, kMost) << "it was still under way";
  for (int i = 0; i < 10; ++i) runner.run(pause());
  EXPECT_EQ(steps(), last);
  EXPECT_FALSE(worker.survivors());
}

TEST_F(InCgroupTest, TheFolderIsGoneWithTheWorkerAndTheDaemonsWithTheDaemon) {
  auto& worker = shell("exec sleep 60");
  EXPECT_EQ(cgroups(), 1u);
  worker.signal(SIGKILL);
  exit_of(worker);
  wait_until([&] { return !worker.survivors(); });
  workers.clear();
  EXPECT_EQ(cgroups(), 0u);
  TearDown();
  launcher.reset();
  for (const auto& entry : std::filesystem::directory_iterator(alone->path())) EXPECT_FALSE(entry.is_directory()) << entry.path();
}

TEST_F(InCgroupTest, TheFolderOfADroppedWorkerGoesWhenItHasEnded) {
  shell("exec sleep 60");
  workers.clear();
  wait_until([&] { return cgroups() == 0; });
}

TEST_F(InCgroupTest, AKillOfTheWorkerIsOneOfEverythingThatItStarted) {
  auto& worker = shell("(setsid env -i sh -c 'sleep 60 & echo $!; wait' &); exec sleep 60");
  wait_until([&] { return worker.last_lines().size() == 1; });
  const pid_t hidden = std::stoi(worker.last_lines()[0]);
  worker.signal(SIGKILL);
  EXPECT_EQ(exit_of(worker).signal, SIGKILL);
  wait_until([&] { return !worker.survivors(); });
  wait_until([&] { return !common::read_process(hidden) || common::read_process(hidden)->ended(); });
}

TEST_F(ProcessLauncherTest, AWorkerThatIsStoppedOrHasEndedDoesNotRun) {
  auto& worker = shell("sleep 60");
  EXPECT_TRUE(worker.runs());
  ::kill(worker.pid(), SIGSTOP);
  wait_until([&] { return !worker.runs(); });
  ::kill(worker.pid(), SIGCONT);
  wait_until([&] { return worker.runs(); });
  worker.signal(SIGKILL);
  wait_until([&] { return !worker.runs(); });
  exit_of(worker);
  EXPECT_FALSE(worker.runs());
}

TEST_F(ProcessLauncherTest, TheFolderOfADeadDaemonIsRemovedButNotThatOfOneWhoseProcessIdsMeanSomethingElse) {
  constexpr int kNobody = 999'999'999;  // more than the kernel gives to anybody
  tests::TempFolder runtime;
  const auto folder_of = [&](std::uint64_t pid_namespace) {
    return runtime.path() / std::format("perch-{}-{}-{}-abcdef", ::getuid(), pid_namespace, kNobody);
  };
  const auto dead = folder_of(common::own_pid_namespace()), elsewhere = folder_of(common::own_pid_namespace() + 1);
  std::filesystem::create_directory(dead);
  std::filesystem::create_directory(elsewhere);
  const char* const before = ::getenv("XDG_RUNTIME_DIR");
  const std::string kept = before ? before : "";
  ::setenv("XDG_RUNTIME_DIR", runtime.path().c_str(), 1);
  shell("exit 0");
  if (before) ::setenv("XDG_RUNTIME_DIR", kept.c_str(), 1);
  else ::unsetenv("XDG_RUNTIME_DIR");
  EXPECT_FALSE(std::filesystem::exists(dead));
  EXPECT_TRUE(std::filesystem::exists(elsewhere));
}

TEST_F(ProcessLauncherTest, AWorkerIsHeldToItsLimits) {
  auto& worker = shell("ulimit -c; ulimit -H -n; ulimit -d; cat /proc/self/oom_score_adj");
  exit_of(worker);
  wait_until([&] { return worker.last_lines().size() == 4; });
  const auto lines = worker.last_lines();
  EXPECT_EQ(lines[0], "0");
  EXPECT_LE(std::stoi(lines[1]), 4096);
  EXPECT_EQ(lines[2], common::kShadowMemory ? "unlimited" : std::to_string(common::physical_memory_bytes() / 1024));
  EXPECT_GE(std::stoi(lines[3]), 500);
}

TEST_F(ProcessLauncherTest, AWorkerIsStartedForHugePages) {
  auto& worker = shell("echo $GLIBC_TUNABLES");
  exit_of(worker);
  wait_until([&] { return worker.last_lines().size() == 1; });
  EXPECT_EQ("GLIBC_TUNABLES=" + worker.last_lines()[0], common::huge_pages_entry());
}

TEST_F(ProcessLauncherTest, AWorkerCountsItsOwnAndItsDescendantsMemory) {
  auto& worker = shell("sleep 60 & sleep 60 & wait");
  wait_until([&] { return worker.own_bytes() > common::own_bytes(worker.pid()) && common::own_bytes(worker.pid()) > 0; });
  EXPECT_LT(worker.own_bytes(), std::uint64_t{1} << 30);
  end(worker);
  EXPECT_EQ(worker.own_bytes(), 0u);
  EXPECT_GT(launcher->available_bytes(), 0u);
}

class VictimTest : public ProcessLauncherTest {
 protected:
  VictimTest() {
    memory = {.meminfo = folder.path() / "meminfo", .vmstat = folder.path() / "vmstat"};
    count(3);
  }
  void count(int kills) { folder.write("vmstat", "oom_kill " + std::to_string(kills) + "\n"); }
  tests::TempFolder folder;
};

TEST_F(VictimTest, OfTheKernelSaysSo) {
  auto& worker = shell("exec sleep 60");
  count(4);
  ::kill(worker.pid(), SIGKILL);
  const auto status = exit_of(worker);
  EXPECT_EQ(status.signal, SIGKILL);
  EXPECT_EQ(describe(status), "killed by the kernel: out of memory");
}

TEST_F(VictimTest, OfSomebodyElseDoesNot) {
  auto& worker = shell("exec sleep 60");
  ::kill(worker.pid(), SIGKILL);
  EXPECT_EQ(describe(exit_of(worker)), "signal 9 (Killed)");
}

TEST_F(VictimTest, OfTheKernelSaysSoAlsoWhenTheDaemonKilledItAgain) {
  auto& worker = shell("exec sleep 60");
  count(4);
  ::kill(worker.pid(), SIGKILL);
  worker.signal(SIGKILL);
  EXPECT_TRUE(exit_of(worker).out_of_memory);
}

TEST_F(VictimTest, OfTheDaemonDoesNot) {
  auto& worker = shell("exec sleep 60");
  worker.signal(SIGKILL);
  count(4);
  EXPECT_FALSE(exit_of(worker).out_of_memory);
}

TEST_F(VictimTest, OfAnotherSignalIsNone) {
  auto& worker = shell("exec sleep 60");
  count(4);
  ::kill(worker.pid(), SIGABRT);
  EXPECT_FALSE(exit_of(worker).out_of_memory);
}

// What the daemon logs, while it lives.
class CapturedLog {
 public:
  CapturedLog() : before_(spdlog::default_logger()) {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
  }
  ~CapturedLog() { spdlog::set_default_logger(before_); }
  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    std::istringstream text(text_.str());
    for (std::string line; std::getline(text, line);) all.push_back(line);
    return all;
  }

 private:
  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> before_;
};

TEST_F(ProcessLauncherTest, AFloodOfErrorOutputIsReadWholeAndLoggedInPart) {
  constexpr int kLines = 20000;
  CapturedLog log;
  const auto began = std::chrono::steady_clock::now();
  auto& worker = shell("exec seq 0 19999");  // its output goes where its errors go
  EXPECT_TRUE(exit_of(worker).clean()) << "it never blocks on a full pipe";
  wait_until([&] { return !worker.last_lines().empty() && worker.last_lines().back() == "19999"; });
  runner.run(pause());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  EXPECT_EQ(worker.last_lines().size(), 40u);
  EXPECT_EQ(worker.last_lines().front(), "19960");
  int logged = 0, left_out = 0;
  for (const std::string& line : log.lines()) {
    const auto at = line.find("worker m: ");
    if (at == std::string::npos) continue;
    const int number = std::atoi(line.c_str() + at + 10);
    line.ends_with("left out on stderr") ? left_out += number : ++logged;
  }
  EXPECT_GE(logged, 100);
  EXPECT_LE(logged, 101 + static_cast<int>(20 * took.count()));
  EXPECT_EQ(logged + left_out, kLines);
}

// The probe, against the fake worker and its scripts.
class ProbeTest : public ProcessLauncherTest {
 protected:
  LaunchedWorker& bring_up(const std::string& script) {
    start({.program = PERCH_FAKE_WORKER});
    auto& worker = launch();
    await<common::Hello>(worker);
    worker.send(common::Load{.model = "m", .path = folder.write("m.json", script)});
    await<common::Ready>(worker);
    return worker;
  }
  template <class Message>
  void await(LaunchedWorker& worker) {
    while (true) {
      auto message = runner.run(worker.receive());
      ASSERT_TRUE(message) << message.error().message();
      if (std::holds_alternative<Message>(*message)) return;
    }
  }
  tests::TempFolder folder;
};

TEST_F(ProbeTest, IsAnsweredByAWorkerThatWorks) {
  auto& worker = bring_up(R"({"tokens": 1})");
  auto outcome = runner.run(worker.probe());
  EXPECT_TRUE(outcome) << outcome.error().message();
}

TEST_F(ProbeTest, TellsWhatCameInstead) {
  start({.program = PERCH_FAKE_WORKER});
  auto& worker = launch();
  auto outcome = runner.run(worker.probe());
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message(), testing::AllOf(HasSubstr("/v1/completions"), HasSubstr("status 503"), HasSubstr("{}")));
}

TEST_F(ProbeTest, TellsOfAWorkerThatDiesOverIt) {
  auto& worker = bring_up(R"({"crash_at_probe": true})");
  EXPECT_FALSE(runner.run(worker.probe()));
}

TEST_F(ProbeTest, CanBeGivenUp) {
  auto& worker = bring_up(R"({"tokens": 10, "token_ms": 60000})");
  asio::cancellation_signal stop;
  bool ended = false, threw = false;
  asio::co_spawn(runner.loop(), worker.probe(),
                 asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr thrown, common::Result<void>) {
                   ended = true;
                   threw = thrown != nullptr;
                 }));
  runner.run(pause());
  EXPECT_FALSE(ended);
  stop.emit(asio::cancellation_type::terminal);
  runner.run_until([&] { return ended; });
  EXPECT_TRUE(threw);
}

}  // namespace
}  // namespace proxy::supervisor
