#include "common/process_table.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

namespace common {
namespace {

TEST(ProcessTable, ReadsTheLineOfAProcessWhateverItsName) {
  auto entry = parse_process_stat(
      "4711 (a) b (c) Z 12 4700 4700 0 -1 4194560 164 0 0 0 0 0 0 0 20 0 1 0 936512 7192576 472 18446744073709551615 1 1");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->pid, 4711);
  EXPECT_EQ(entry->parent, 12);
  EXPECT_EQ(entry->group, 4700);
  EXPECT_EQ(entry->start_time, 936512u);
  EXPECT_TRUE(entry->ended());
}

TEST(ProcessTable, ACutOrStrangeLineIsNoProcess) {
  for (const char* line : {"", "1", "1 (sh", "1 (sh)", "1 (sh) S 2 3", "x (sh) S 1 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 5"})
    EXPECT_FALSE(parse_process_stat(line)) << line;
}

TEST(ProcessTable, FindsVariablesByTheirWholeName) {
  const std::string environment("AB=1\0A=2\0EMPTY=\0A=3\0ODD", 24);
  EXPECT_EQ(find_variable(environment, "A"), "2");
  EXPECT_EQ(find_variable(environment, "AB"), "1");
  EXPECT_EQ(find_variable(environment, "EMPTY"), "");
  EXPECT_EQ(find_variable(environment, "ODD"), std::nullopt);
  EXPECT_EQ(find_variable("", "A"), std::nullopt);
}

TEST(ProcessTable, KnowsItself) {
  const auto all = all_processes();
  auto self = std::ranges::find(all, ::getpid(), &ProcessEntry::pid);
  ASSERT_NE(self, all.end());
  EXPECT_EQ(self->parent, ::getppid());
  EXPECT_FALSE(self->ended());
  EXPECT_TRUE(is_ours_to_signal(::getpid()));
  EXPECT_FALSE(read_environment(::getpid()).empty());
  EXPECT_FALSE(read_process(0));
}

TEST(ProcessTable, KnowsWhatAProcessHasForChildrenWhicheverThreadMadeThem) {
  const auto wait_here = [] {
    ::pause();
    ::_exit(0);
  };
  const pid_t one = ::fork();
  if (one == 0) wait_here();
  ASSERT_GT(one, 0);
  std::atomic<pid_t> two = 0;
  std::atomic<bool> seen = false;
  std::thread other([&] {
    const pid_t child = ::fork();
    if (child == 0) wait_here();
    two = child;
    while (!seen) std::this_thread::yield();
  });
  const auto has_both = [&] {
    const auto children = children_of(::getpid());
    return children && std::ranges::contains(*children, one) && std::ranges::contains(*children, two.load());
  };
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  bool both = false;
  while (!(both = has_both()) && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
  seen = true;
  other.join();
  EXPECT_TRUE(both || !children_of(::getpid()));
  for (pid_t child : {one, two.load()}) {
    if (child > 0) ::kill(child, SIGKILL), ::waitpid(child, nullptr, 0);
  }
  if (auto left = children_of(::getpid())) {
    EXPECT_FALSE(std::ranges::contains(*left, one));
  }
}

TEST(ProcessTable, OpensOnlyTheVeryProcessThatWasRead) {
  auto self = *read_process(::getpid());
  EXPECT_TRUE(open_process(self));
  ++self.start_time;  // as if the number had been given away since
  EXPECT_FALSE(open_process(self));
}

TEST(ProcessTable, SignalsThroughAPidfd) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::pause();
    ::_exit(0);
  }
  auto opened = open_process(*read_process(pid));
  ASSERT_TRUE(opened);
  send_signal(opened, SIGKILL);
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFSIGNALED(status));
}

}  // namespace
}  // namespace common
