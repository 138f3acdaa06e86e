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

TEST_F(MemoryStatusTest, WhatProcessorsKeepForThemselvesIsFree) {
  MemoryFiles own = files();
  own.zoneinfo = folder.write(
      "zoneinfo",
      "Node 0, zone   Normal\n  pages free     5134\n        min      14\n  pagesets\n    cpu: 0\n              count:    40458\n"
      "              high:     43070\n    cpu: 1\n              count:    46836\n              high:     49689\n"
      "Node 0, zone  Movable\n  pagesets\n    cpu: 0\n              count:    1\n");
  EXPECT_EQ(listed_bytes(own), (40458u + 46836 + 1) * static_cast<std::uint64_t>(::sysconf(_SC_PAGE_SIZE)));
}

// Freed pages go to a list of the processor that freed them first, and MemAvailable may not know of them for seconds.
TEST_F(MemoryStatusTest, WhatAProcessGaveBackIsSeenAtOnce) {
  const MemoryFiles machine = system_memory_files();
  const auto free_now = [&] { return available_bytes(machine) + listed_bytes(machine); };
  const std::size_t bytes = 256 * kMiB;
  for (int i = 0; i < 5; ++i) {
    void* held = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    ASSERT_NE(held, MAP_FAILED);
    const std::uint64_t while_held = free_now();
    ::munmap(held, bytes);
    EXPECT_GT(free_now() + bytes / 2, while_held + bytes) << "others on the machine may take some meanwhile";
  }
}

TEST_F(MemoryStatusTest, WhatCannotBeReadIsZero) {
  const MemoryFiles none{.meminfo = "/no/such", .vmstat = "/no/such", .zoneinfo = "/no/such"};
  EXPECT_EQ(listed_bytes(none), 0u);
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
