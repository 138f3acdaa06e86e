#include "common/child_process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace common {
namespace {

class ChildProcessTest : public testing::Test {
 protected:
  Result<ChildProcess> shell(std::string script, std::vector<int> passed = {}) {
    return ChildProcess::spawn(loop.get_executor(), {.program = "/bin/sh",
                                                     .arguments = {"-c", std::move(script)},
                                                     .environment = {"PATH=/usr/bin:/bin", "MARK=here"},
                                                     .passed = passed});
  }
  ExitStatus wait(ChildProcess& child) {
    ExitStatus status;
    boost::asio::co_spawn(loop, child.wait(), [&](std::exception_ptr thrown, ExitStatus ended) {
      ASSERT_FALSE(thrown);
      status = ended;
    });
    loop.restart();
    loop.run();
    return status;
  }
  // What the script writes to its descriptor 3.
  std::string output_of(std::string script) {
    int pipe[2];
    EXPECT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
    auto child = shell(std::move(script), {pipe[1]});
    ::close(pipe[1]);
    EXPECT_TRUE(child);
    std::string text;
    char space[4096];
    for (ssize_t n; (n = ::read(pipe[0], space, sizeof(space))) > 0;) text.append(space, static_cast<std::size_t>(n));
    ::close(pipe[0]);
    wait(*child);
    return text;
  }

  boost::asio::io_context loop{1};
};

TEST_F(ChildProcessTest, ReportsExitCodeAndSignal) {
  auto exits = shell("exit 65");
  EXPECT_EQ(wait(*exits).code, 65);
  auto dies = shell("kill -9 $$");
  EXPECT_EQ(wait(*dies).signal, SIGKILL);
  EXPECT_EQ(describe({.signal = 9}), "signal 9 (Killed)");
}

TEST_F(ChildProcessTest, InheritsOnlyWhatItIsGiven) {
  EXPECT_EQ(output_of("env -u PWD -u _ -u SHLVL -u OLDPWD | sort >&3"), "MARK=here\nPATH=/usr/bin:/bin\n");
  const int leak = ::open("/dev/null", O_RDONLY);  // without close-on-exec
  EXPECT_EQ(output_of("for fd in $(seq 0 64); do [ -e /proc/$$/fd/$fd ] && printf '%d ' $fd >&3; done"), "0 1 2 3 ");
  ::close(leak);
}

TEST_F(ChildProcessTest, NoSignalIsIgnoredOrBlocked) {
  const auto before = ::signal(SIGPIPE, SIG_IGN);
  sigset_t some, mask;
  sigemptyset(&some);
  sigaddset(&some, SIGUSR1);
  ::pthread_sigmask(SIG_BLOCK, &some, &mask);
  EXPECT_EQ(output_of("grep -E '^Sig(Blk|Ign)' /proc/$$/status | tr -d '\\t' >&3"), "SigBlk:0000000000000000\nSigIgn:0000000000000000\n");
  sigset_t now;
  ::pthread_sigmask(SIG_SETMASK, &mask, &now);
  EXPECT_EQ(sigismember(&now, SIGUSR1), 1) << "ours is as it was";
  EXPECT_EQ(sigismember(&now, SIGTERM), 0);
  EXPECT_EQ(::signal(SIGPIPE, before), SIG_IGN);
}

TEST_F(ChildProcessTest, WhatIsPassedMayHaveAnyNumber) {
  // The lowest numbers there are, in the order in which they would overwrite each other.
  std::vector<int> ends;
  for (int i = 0; i < 3; ++i) {
    int pipe[2];
    ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
    ends.insert(ends.begin(), pipe[1]);
    ends.push_back(pipe[0]);
  }
  auto child = shell("echo a >&3; echo b >&4; echo c >&5", {ends[0], ends[1], ends[2]});
  for (int i = 0; i < 3; ++i) ::close(ends[i]);
  std::string said;
  for (int i = 5; i > 2; --i) {
    char space[16];
    const ssize_t n = ::read(ends[static_cast<std::size_t>(i)], space, sizeof(space));
    said.append(space, static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    ::close(ends[static_cast<std::size_t>(i)]);
  }
  EXPECT_EQ(said, "a\nb\nc\n");
  ASSERT_TRUE(child);
  EXPECT_EQ(wait(*child).code, 0);
}

TEST_F(ChildProcessTest, LeadsAGroupOfItsOwnAndDiesWithItsDescendants) {
  ChildProcess::adopt_orphans();
  auto child = shell("sleep 60 & sleep 60 & wait");
  ASSERT_TRUE(child);
  EXPECT_EQ(::getpgid(child->pid()), child->pid());
  child->signal_group(SIGKILL);
  EXPECT_EQ(wait(*child).signal, SIGKILL);
  auto group_is_left = [&] { return ::kill(-child->pid(), 0) == 0; };
  for (int i = 0; i < 5000 && group_is_left(); ++i) {
    ChildProcess::reap_adopted();
    ::usleep(1000);
  }
  EXPECT_FALSE(group_is_left());
}

TEST_F(ChildProcessTest, ReapsNobodysChildrenAndLeavesAStatusToItsOwner) {
  auto child = shell("exit 9");
  const pid_t nobodys = ::fork();
  if (nobodys == 0) ::_exit(0);
  EXPECT_TRUE(ChildProcess::owns(child->pid()));
  EXPECT_FALSE(ChildProcess::owns(nobodys));
  for (int i = 0; i < 5000 && ::kill(nobodys, 0) == 0; ++i) {
    ChildProcess::reap_adopted();
    ::usleep(1000);
  }
  EXPECT_NE(::kill(nobodys, 0), 0);
  EXPECT_EQ(wait(*child).code, 9);
  EXPECT_FALSE(ChildProcess::owns(child->pid()));
}

TEST_F(ChildProcessTest, IsHeldToItsLimits) {
  auto child = ChildProcess::spawn(
      loop.get_executor(),
      {.program = "/bin/sh",
       .arguments = {"-c", "[ `ulimit -c` = 0 ] && [ `ulimit -H -n` = 77 ] && [ `cat /proc/self/oom_score_adj` -ge 300 ]"},
       .environment = {"PATH=/usr/bin:/bin"},
       .limits = {.core_bytes = 0, .open_files = 77, .oom_score_adj = 300}});
  ASSERT_TRUE(child);
  EXPECT_EQ(wait(*child).code, 0);
}

TEST_F(ChildProcessTest, AMissingProgramIsAnError) {
  auto child = ChildProcess::spawn(loop.get_executor(), {.program = "/no/such/program"});
  ASSERT_FALSE(child);
  EXPECT_NE(child.error().message().find("/no/such/program"), std::string::npos);
}

TEST_F(ChildProcessTest, IsKilledWhenItsOwnerDropsIt) {
  pid_t pid = 0;
  {
    auto child = shell("sleep 60");
    ASSERT_TRUE(child);
    pid = child->pid();
  }  // dropped without being waited for: its group is killed
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFSIGNALED(status));
}

}  // namespace
}  // namespace common
