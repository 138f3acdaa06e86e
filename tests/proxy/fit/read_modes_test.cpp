#include "proxy/fit/read_modes.hpp"

#include <gtest/gtest.h>

namespace proxy::fit {
namespace {

using common::ReadRates;

constexpr std::uint64_t kGib = 1ull << 30;
constexpr ReadRates kDisk{.mapped = 1e9, .buffered = 2e9, .direct = 3e9};

TEST(ReadModes, AModelIsMappedUntilSomethingSpeaksAgainstIt) {
  EXPECT_EQ(choose_read_mode(std::nullopt, 100 * kGib, kGib), ReadMode::mapped) << "nothing was measured";
  EXPECT_EQ(choose_read_mode(kDisk, 4 * kGib, 16 * kGib), ReadMode::mapped) << "the page cache keeps it for the next time";
}

TEST(ReadModes, WhatThePageCacheCouldNotKeepIsReadPastItWhereThatIsFaster) {
  EXPECT_EQ(choose_read_mode(kDisk, 9 * kGib, 16 * kGib), ReadMode::direct);
  EXPECT_EQ(choose_read_mode(ReadRates{.mapped = 1e9, .buffered = 2e9, .direct = 2.1e9}, 9 * kGib, 16 * kGib), ReadMode::mapped)
      << "hardly faster";
  EXPECT_EQ(choose_read_mode(ReadRates{.mapped = 1e9, .buffered = 2e9}, 9 * kGib, 16 * kGib), ReadMode::mapped)
      << "the file system knows no direct reading";
}

TEST(ReadModes, WhatCannotBeMappedIsCopied) {
  EXPECT_EQ(choose_read_mode(ReadRates{.buffered = 2e9, .direct = 9e9}, kGib, 16 * kGib), ReadMode::buffered);
}

TEST(ReadTrials, WhatIsWrittenDownIsReadAgainAndWhatIsDamagedIsTriedAgain) {
  ReadTrials trials;
  trials.note("8", kDisk);
  trials.note("9", {.mapped = std::nullopt, .buffered = 5, .direct = std::nullopt});
  trials.note("", kDisk);
  const ReadTrials again = ReadTrials::from_text(trials.to_text());
  ASSERT_TRUE(again.find("8") && again.find("9"));
  EXPECT_EQ(again.find("8")->direct, 3e9);
  EXPECT_FALSE(again.find("9")->mapped);
  EXPECT_FALSE(again.find(""));
  for (const char* text : {"", "7", R"({"version":1,"devices":[]})", R"({"version":1,"devices":{"8":{"buffered_bytes_per_second":-1}}})"})
    EXPECT_FALSE(ReadTrials::from_text(text).find("8")) << text;
}

TEST(ReadTrials, OnlySoManyDevicesAreKept) {
  ReadTrials trials;
  for (int i = 0; i < 1000; ++i) trials.note(std::to_string(i), kDisk);
  EXPECT_EQ(trials.to_json().size(), ReadTrials::kMost);
}

}  // namespace
}  // namespace proxy::fit
