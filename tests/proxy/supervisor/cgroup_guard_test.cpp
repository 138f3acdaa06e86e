// A daemon that ends is played by the end of the guard's owner; DaemonTest kills a real one.
#include "proxy/supervisor/cgroup_guard.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <format>

#include "common/proc_file.hpp"
#include "common/process_table.hpp"
#include "tests/support/loop_runner.hpp"
#include "tests/support/test_cgroup.hpp"

namespace proxy::supervisor {
namespace {

class CgroupGuardTest : public testing::Test {
 protected:
  void SetUp() override {
    auto own = common::own_cgroup();
    if (!own) GTEST_SKIP() << "no cgroup can be made here: " << own.error().message();
    cgroup.emplace(*own);
  }
  static bool ignores_signals(pid_t pid) {
    const std::string status = common::read_proc_file(std::format("/proc/{}/status", pid));
    return status.find("SigIgn:\t0000000000000000") == std::string::npos;
  }
  common::ChildProcess sleeper() {
    return common::ChildProcess::spawn(runner.loop().get_executor(), {.program = "/bin/sh",
                                                                      .arguments = {"-c", "setsid sleep 60 & exit 0"},
                                                                      .environment = {"PATH=/bin"},
                                                                      .cgroup = cgroup->path()})
        .value();
  }
  tests::LoopRunner runner{std::chrono::seconds(10)};
  std::optional<tests::TestCgroup> cgroup;
};

TEST_F(CgroupGuardTest, EndsNobodyWhileItsOwnerLivesAndIgnoresWhatIsMeantForIt) {
  auto guard = CgroupGuard::start(runner.loop().get_executor(), cgroup->path());
  ASSERT_TRUE(guard) << guard.error().message();
  auto child = sleeper();
  runner.run(child.wait());
  while (!ignores_signals(guard->pid())) ::usleep(1000);  // the shell has just begun
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) ::kill(guard->pid(), signal);
  EXPECT_FALSE(common::wait_until_empty(cgroup->path(), std::chrono::milliseconds(100)));
  EXPECT_FALSE(common::read_process(guard->pid())->ended());
}

TEST_F(CgroupGuardTest, CannotBeHadWhereCgroupsCannotBeKilled) {
  auto guard = CgroupGuard::start(runner.loop().get_executor(), cgroup->path() / "missing");
  EXPECT_FALSE(guard);
}

}  // namespace
}  // namespace proxy::supervisor
