#include "common/process_work.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <vector>

namespace common {
namespace {

using namespace std::chrono_literals;

// Fields 14 and 15 are ticks, 24 is pages (proc_pid_stat(5)).
constexpr const char* kStat = "77 (a) b) S 1 77 77 0 -1 4194304 9 0 0 0 30 12 5 5 20 0 1 0 100 1000000 256 18446744073709551615 1 1 0";

TEST(ProcessWork, CountsItsTimeItsBytesAndItsMemory) {
  const ProcessWork work = parse_work(kStat, "rchar: 1000\nwchar: 24\nsyscr: 5\n");
  EXPECT_EQ(work.computed, std::chrono::milliseconds(42 * 1000 / ::sysconf(_SC_CLK_TCK)));
  EXPECT_EQ(work.moved_bytes, 1024u);
  EXPECT_EQ(work.resident_bytes, 256u * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
}

TEST(ProcessWork, WhatCannotBeReadIsNothing) {
  for (const char* text : {"", "77", "77 (a", "77 (a) S", ")"}) {
    const ProcessWork work = parse_work(text, "rchar: x\n");
    EXPECT_EQ(work.computed, 0ms) << text;
    EXPECT_EQ(work.moved_bytes + work.resident_bytes, 0u) << text;
  }
  EXPECT_EQ(work_of(-1).resident_bytes, 0u);
}

TEST(ProcessWork, SeesOurOwn) {
  const ProcessWork before = work_of(::getpid());
  std::vector<char> bytes(1 << 20);
  std::ifstream("/dev/zero", std::ios::binary).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  EXPECT_GE(work_of(::getpid()).moved_bytes, before.moved_bytes + bytes.size());
  EXPECT_GT(before.resident_bytes, 0u);
}

}  // namespace
}  // namespace common
