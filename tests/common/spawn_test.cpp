// How children are made where the kernel, or a container's filter, has not all of it.
#include "common/spawn.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>

#include "common/cgroup.hpp"
#include "tests/support/test_cgroup.hpp"

namespace common {
namespace {

// From now on and for good that system call is not there.
bool forbid(unsigned call) {
  std::array filter{
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{.len = filter.size(), .filter = filter.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

SpawnRequest shell(std::string script) {
  return {.program = "/bin/sh", .arguments = {"-c", std::move(script)}, .environment = {"PATH=/usr/bin:/bin"}};
}

int exit_code(const SpawnRequest& request) {
  const auto child = spawn(request);
  int status = 0;
  if (!child || ::waitpid(child->pid, &status, 0) != child->pid || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

// In a process of its own, as nothing takes a filter away again: what it returned, 0 to 255.
template <class Check>
int without(unsigned call, Check check) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(forbid(call) ? check() : 99);
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

TEST(Spawn, WithoutClone3AChildIsMadeAllTheSame) {
  EXPECT_EQ(without(SYS_clone3, [] { return exit_code(shell("exit 7")); }), 7);
#ifndef __SANITIZE_THREAD__  // makes a fork of a vfork, whose child has nothing in common with us
  EXPECT_EQ(without(SYS_clone3,
                    [] {
                      const auto child = spawn({.program = "/no/such/program"});
                      return !child && child.error().message().contains("/no/such/program: No such file") ? 0 : 1;
                    }),
            0);
#endif
}

TEST(Spawn, WhereRangesCannotBeClosedNothingIsPassedOnEither) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);  // not closed on exec
  const auto request = shell("[ -e /proc/self/fd/" + std::to_string(ends[1]) + " ]");
  EXPECT_EQ(exit_code(request), 1);
  EXPECT_EQ(without(SYS_close_range, [&] { return exit_code(request); }), 1);
  ::close(ends[0]);
  ::close(ends[1]);
}

// A daemon that was started without them has other things under those numbers.
TEST(Spawn, OutputGoesWhereItIsToGoWhateverItsNumber) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    for (int standard : {0, 1, 2}) ::close(standard);
    int ends[2];
    auto request = shell("echo said; echo more >&2; read line && exit 1; exit 0");
    if (::pipe2(ends, O_CLOEXEC) != 0) ::_exit(97);
    request.error_output = ends[1];  // 1
    if (exit_code(request) != 0) ::_exit(96);
    std::array<char, 20> text{};
    const ssize_t read = ::read(ends[0], text.data(), text.size());
    ::_exit(read == 10 && std::string_view(text.data()) == "said\nmore\n" ? 0 : 95);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Spawn, AChildIsBornInItsCgroupOrJoinsIt) {
  auto own = own_cgroup();
  if (!own) GTEST_SKIP() << "no cgroup can be made here: " << own.error().message();
  const tests::TestCgroup cgroup(*own);
  auto request = shell("grep -q '^0::.*/" + cgroup.path().filename().string() + "$' /proc/self/cgroup");
  EXPECT_EQ(exit_code(request), 1) << "where we are";
  request.cgroup = cgroup.path();
  EXPECT_EQ(exit_code(request), 0);
  EXPECT_EQ(without(SYS_write, [&] { return exit_code(request); }), 0) << "born there, since nothing is written to join it";
  EXPECT_EQ(without(SYS_clone3, [&] { return exit_code(request); }), 0) << "joined";
}

TEST(Spawn, TheChildKnowsItsParentAndDiesWithIt) {
  EXPECT_EQ(exit_code(shell("[ $PPID = " + std::to_string(::getpid()) + " ]")), 0);
  ChildProcess::adopt_orphans();
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    const auto child = spawn(shell("sleep 60"));
    const pid_t pid = child ? child->pid : -1;
    ::_exit(::write(pipe[1], &pid, sizeof(pid)) == sizeof(pid) ? 0 : 1);
  }
  pid_t child = -1;
  ASSERT_EQ(::read(pipe[0], &child, sizeof(child)), static_cast<ssize_t>(sizeof(child)));
  ::waitpid(parent, nullptr, 0);
  ASSERT_GT(child, 0);
  const auto lives = [&] { return ::kill(child, 0) == 0 && ::waitpid(child, nullptr, WNOHANG) != child; };
  for (int i = 0; i < 5000 && lives(); ++i) ::usleep(1000);
  EXPECT_NE(::kill(child, 0), 0);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

}  // namespace
}  // namespace common
