#include "common/memory_status.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/temp_folder.hpp"

namespace common {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

class MemoryStatusTest : public testing::Test {
 protected:
  MemoryStatusTest() {
    folder.write("meminfo", "MemTotal:       8388608 kB\nMemFree:         100 kB\nMemAvailable:    4194304 kB\n");
    folder.write("vmstat", "oom_killer_calls 9\noom_kill 3\n");
    std::filesystem::create_directories(folder.path() / "outer" / "inner");
  }
  MemoryFiles files() const {
    return {.meminfo = folder.path() / "meminfo",
            .vmstat = folder.path() / "vmstat",
            .cgroups = {folder.path() / "outer" / "inner", folder.path() / "outer"}};
  }
  tests::TempFolder folder;
};

TEST_F(MemoryStatusTest, FindsFiguresByTheirWholeName) {
  const char* text = "oom_killer 7\noom_kill 3\nMemFree:\t 12 kB\nlast";
  EXPECT_EQ(find_figure(text, "oom_kill"), 3u);
  EXPECT_EQ(find_figure(text, "MemFree"), 12u);
  EXPECT_EQ(find_figure(text, "last"), std::nullopt);
  EXPECT_EQ(find_figure(text, "none"), std::nullopt);
}

TEST_F(MemoryStatusTest, WithoutALimitTheMachineCounts) {
  EXPECT_EQ(available_bytes(files()), 4096 * kMiB);
  folder.write("outer/inner/memory.max", "max\n");
  folder.write("outer/inner/memory.current", "1000\n");
  EXPECT_EQ(available_bytes(files()), 4096 * kMiB);
}

TEST_F(MemoryStatusTest, ALimitAroundUsCountsIfItLeavesLess) {
  folder.write("outer/memory.max", std::to_string(1000 * kMiB));
  folder.write("outer/memory.current", std::to_string(900 * kMiB));
  EXPECT_EQ(available_bytes(files()), 100 * kMiB);
  folder.write("outer/memory.stat",
               "anon 1\nactive_file " + std::to_string(200 * kMiB) + "\ninactive_file " + std::to_string(300 * kMiB) + "\n");
  EXPECT_EQ(available_bytes(files()), 600 * kMiB) << "files that were read can be given up";
  folder.write("outer/memory.max", std::to_string(100 * kMiB));
  EXPECT_EQ(available_bytes(files()), 1u) << "nothing is not the same as not known";
  folder.write("outer/memory.max", std::to_string(9000 * kMiB));
  EXPECT_EQ(available_bytes(files()), 4096 * kMiB);
}

TEST_F(MemoryStatusTest, VictimsAreCountedInOurCgroupWhereThatIsDone) {
  EXPECT_EQ(oom_kills(files()), 3u);
  folder.write("outer/memory.events", "low 0\noom 5\noom_kill 1\n");
  EXPECT_EQ(oom_kills(files()), 1u);
}

TEST_F(MemoryStatusTest, WhatCannotBeReadIsZero) {
  const MemoryFiles none{.meminfo = "/no/such", .vmstat = "/no/such"};
  EXPECT_EQ(available_bytes(none), 0u);
  EXPECT_EQ(oom_kills(none), 0u);
  EXPECT_EQ(own_bytes(0), 0u);
}

TEST_F(MemoryStatusTest, ReadsThisMachine) {
  EXPECT_GT(available_bytes(system_memory_files()), 0u);
  EXPECT_LT(available_bytes(system_memory_files()), physical_memory_bytes());
  const std::uint64_t before = own_bytes(::getpid());
  const std::size_t bytes = 64 * kMiB;
  void* held = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  ASSERT_NE(held, MAP_FAILED);
  EXPECT_GE(own_bytes(::getpid()), before + 48 * kMiB);
  ::munmap(held, bytes);
}

}  // namespace
}  // namespace common
