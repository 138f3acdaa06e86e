#include "registry/history.hpp"

#include <gmock/gmock.h>

#include "registry/registry_file.hpp"
#include "tests/support/temp_folder.hpp"

namespace registry {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class HistoryTest : public testing::Test {
 protected:
  void keep(const std::string& text, std::uint64_t generation) {
    now += std::chrono::seconds(1);
    auto kept = history.keep(text, digest_of(text), generation, now);
    ASSERT_TRUE(kept) << kept.error().message();
  }
  std::string text_at(std::uint64_t generation) {
    auto entry = history.at(generation);
    if (!entry) return "error: " + entry.error().message();
    auto text = History::text_of(*entry);
    return text ? *text : "error: " + text.error().message();
  }

  tests::TempFolder folder;
  History history{folder.path() / "kept", 3};
  std::chrono::sys_time<std::chrono::milliseconds> now{std::chrono::seconds(1'700'000'000)};
};

TEST_F(HistoryTest, ATextIsFoundByEachGenerationThatItWasInForceIn) {
  EXPECT_THAT(text_at(1), HasSubstr("no history yet"));
  keep("one", 1);
  keep("two\n", 2);
  keep("two\n", 3);
  keep("three", 5);
  EXPECT_EQ(text_at(1), "one");
  EXPECT_EQ(text_at(2), "two\n");
  EXPECT_EQ(text_at(3), "two\n");
  EXPECT_EQ(text_at(5), "three");
  EXPECT_THAT(text_at(4), HasSubstr("generation 4 is not kept; there are 1 to 5"));
  const auto entries = history.list();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[1].first, 2u);
  EXPECT_EQ(entries[1].last, 3u);
  EXPECT_EQ(entries[1].digest, digest_of("two\n"));
  EXPECT_EQ(entries[1].time, now - std::chrono::seconds(2)) << "since when it has held";
}

TEST_F(HistoryTest, OfSeveralTextsOfAGenerationTheLatestIsMeant) {
  keep("{}", 1);
  keep("{ }", 1);
  EXPECT_EQ(history.list().size(), 2u);
  EXPECT_EQ(text_at(1), "{ }");
}

TEST_F(HistoryTest, TheOldestMakesRoom) {
  for (std::uint64_t generation = 1; generation <= 10; ++generation) keep("text " + std::to_string(generation), generation);
  ASSERT_EQ(history.list().size(), 3u);
  EXPECT_EQ(text_at(8), "text 8");
  EXPECT_THAT(text_at(7), HasSubstr("there are 8 to 10"));
}

TEST_F(HistoryTest, ATextThatComesBackIsKeptOnceMore) {
  keep("one", 1);
  keep("two", 2);
  keep("one", 3);
  EXPECT_EQ(history.list().size(), 3u);
  EXPECT_EQ(text_at(3), "one");
}

TEST_F(HistoryTest, WhatWasDamagedIsNeverHandedOut) {
  keep("one", 1);
  std::ofstream(history.list().at(0).file) << "two";
  EXPECT_THAT(text_at(1), HasSubstr("is not what was written"));
}

TEST_F(HistoryTest, WhatACrashOrAStrangerLeftInTheFolderIsNoEntry) {
  keep("one", 1);
  folder.write("kept/00000009-00000009-1-0123456789abcdef.json.partial", "half");
  folder.write("kept/notes.json", "x");
  folder.write("kept/1-2-3-4.json", "x");
  EXPECT_EQ(history.list().size(), 1u);
}

TEST_F(HistoryTest, NobodyElseMayReadIt) {
  keep("one", 1);
  EXPECT_EQ(fs::status(history.list().at(0).file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(HistoryTest, EachRegistryHasItsOwnHoweverItIsNamed) {
  EXPECT_EQ(history_folder("/state", "/a/b/../r.json"), history_folder("/state", "/a/r.json"));
  EXPECT_NE(history_folder("/state", "/a/r.json"), history_folder("/state", "/b/r.json"));
}

}  // namespace
}  // namespace registry
