#include "proxy/supervisor/leftovers.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <format>

#include "common/cgroup.hpp"
#include "common/process_table.hpp"
#include "proxy/supervisor/worker_cgroups.hpp"
#include "tests/support/loop_runner.hpp"
#include "tests/support/test_cgroup.hpp"

namespace proxy::supervisor {
namespace {

constexpr pid_t kNobody = 2'000'000'000;  // above every limit of process ids

TEST(Instance, SurvivesItsText) {
  const Instance self = this_instance();
  EXPECT_EQ(self.pid, ::getpid());
  auto read = parse_instance(to_string(self));
  ASSERT_TRUE(read);
  EXPECT_EQ(to_string(*read), to_string(self));
  EXPECT_EQ(read->start_time, common::read_process(::getpid())->start_time);
  EXPECT_NE(to_string(this_instance()), to_string(self));
}

TEST(Instance, OtherTextsNameNobody) {
  for (const char* text : {"", "1", "1-", "1-2", "-1-2-a", "0-2-a", "a-2-b", "1-b-c", "0123456789abcdef", "99999999999999999999-1-a"})
    EXPECT_FALSE(parse_instance(text)) << text;
}

class LeftoversTest : public testing::Test {
 protected:
  common::ChildProcess sleeper(const std::string& instance) {
    auto child = common::ChildProcess::spawn(runner.loop().get_executor(),
                                             {.program = "/bin/sleep", .arguments = {"60"}, .environment = {"PERCH_INSTANCE=" + instance}});
    if (!child) throw std::runtime_error(child.error().message());
    return std::move(*child);
  }
  bool runs(const common::ChildProcess& child) const {
    auto process = common::read_process(child.pid());
    return process && !process->ended();
  }
  int signal_that_ended(common::ChildProcess& child) { return runner.run(child.wait()).signal; }

  tests::LoopRunner runner{std::chrono::seconds(10)};
};

TEST_F(LeftoversTest, AProcessWhoseDaemonIsGoneIsEnded) {
  auto unknown = sleeper(std::format("{}-1-a", kNobody));
  auto replaced = sleeper(std::format("{}-1-a", ::getpid()));  // somebody has the number now, but not since then
  end_leftovers(std::nullopt);
  EXPECT_FALSE(runs(unknown)) << "it waits until they are gone";
  EXPECT_FALSE(runs(replaced));
  EXPECT_EQ(signal_that_ended(unknown), SIGKILL);
  EXPECT_EQ(signal_that_ended(replaced), SIGKILL);
}

TEST_F(LeftoversTest, AProcessWhoseDaemonLivesAndOneThatNamesNoneAreLeftAlone) {
  auto living = sleeper(to_string(this_instance()));
  auto strange = sleeper("0123456789abcdef");
  end_leftovers(std::nullopt);
  EXPECT_TRUE(runs(living));
  EXPECT_TRUE(runs(strange));
  for (auto* child : {&living, &strange}) {
    child->signal_group(SIGTERM);
    EXPECT_EQ(signal_that_ended(*child), SIGTERM);
  }
}

TEST_F(LeftoversTest, AZombieIsNoLivingDaemon) {
  auto daemon = sleeper("x");
  const auto entry = *common::read_process(daemon.pid());
  daemon.signal_group(SIGKILL);
  while (runs(daemon)) ::usleep(1000);
  auto worker = sleeper(std::format("{}-{}-a", entry.pid, entry.start_time));
  end_leftovers(std::nullopt);
  EXPECT_EQ(signal_that_ended(worker), SIGKILL);
  runner.run(daemon.wait());
}

// Processes that say nothing about a daemon, in the cgroup of one.
class LeftoverCgroupTest : public LeftoversTest {
 protected:
  void SetUp() override {
    auto own = common::own_cgroup();
    if (!own) GTEST_SKIP() << "no cgroup can be made here: " << own.error().message();
    parent.emplace(*own);
  }
  common::ChildProcess sleeper_in(const CgroupOwner& owner) {
    const auto cgroup = parent->path() / to_string(owner) / "worker-1";
    std::filesystem::create_directories(cgroup);
    auto child = common::ChildProcess::spawn(runner.loop().get_executor(),
                                             {.program = "/bin/sleep", .arguments = {"60"}, .environment = {"X=1"}, .cgroup = cgroup});
    if (!child) throw std::runtime_error(child.error().message());
    return std::move(*child);
  }
  bool exists(const CgroupOwner& owner) const { return std::filesystem::exists(parent->path() / to_string(owner)); }

  std::optional<tests::TestCgroup> parent;
};

TEST_F(LeftoverCgroupTest, OfADaemonThatIsGoneIsEmptiedAndRemoved) {
  const auto unknown = cgroup_owner(std::format("{}-1-a", kNobody)), replaced = cgroup_owner(std::format("{}-1-a", ::getpid()));
  auto first = sleeper_in(unknown), second = sleeper_in(replaced);
  end_leftovers(parent->path());
  EXPECT_FALSE(runs(first));
  EXPECT_FALSE(runs(second));
  EXPECT_EQ(signal_that_ended(first), SIGKILL);
  EXPECT_EQ(signal_that_ended(second), SIGKILL);
  EXPECT_FALSE(exists(unknown));
  EXPECT_FALSE(exists(replaced));
}

TEST_F(LeftoverCgroupTest, OfALivingDaemonAndOfOneWhoseProcessIdsAreOthersIsLeftAlone) {
  const auto living = cgroup_owner(to_string(this_instance()));
  auto elsewhere = cgroup_owner(std::format("{}-1-a", kNobody));
  ++elsewhere.pid_namespace;
  for (const auto& owner : {living, elsewhere}) {
    auto child = sleeper_in(owner);
    end_leftovers(parent->path());
    EXPECT_TRUE(runs(child));
    EXPECT_TRUE(exists(owner));
    child.signal_group(SIGTERM);
    EXPECT_EQ(signal_that_ended(child), SIGTERM);
    end_leftovers(parent->path());
    EXPECT_TRUE(exists(owner)) << "an empty one may be about to be joined";
  }
}

TEST_F(LeftoverCgroupTest, ElsewhereIsEmptiedToo) {
  auto child = sleeper_in(cgroup_owner(std::format("{}-1-a", kNobody)));
  end_leftovers(std::nullopt);
  EXPECT_EQ(signal_that_ended(child), SIGKILL);
}

}  // namespace
}  // namespace proxy::supervisor
