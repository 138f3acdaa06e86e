#include "common/log_book.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace common {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;

class LogBookTest : public testing::Test {
 protected:
  void say(const std::string& text, const std::string& source = "", LogLevel level = LogLevel::info) {
    book.add(level, source, text, std::chrono::system_clock::now());
  }
  std::vector<std::string> texts(const LogPiece& piece) const {
    std::vector<std::string> all;
    for (const LogLine& line : piece.lines) all.push_back(line.text);
    return all;
  }
  std::vector<std::string> last(std::size_t lines, const LogFilter& filter = {}) const {
    return texts(book.after(book.before_last(filter, lines), filter, kMuch));
  }

  static constexpr std::size_t kMuch = 1 << 20;
  LogBook book{{.daemon_bytes = 4000, .worker_bytes = 4000}};
};

TEST_F(LogBookTest, LinesAreReadInTheOrderInWhichTheyWereLogged) {
  say("one");
  say("two", "m");
  say("three");
  say("four", "n");
  EXPECT_THAT(last(100), ElementsAre("one", "two", "three", "four"));
  EXPECT_THAT(last(2), ElementsAre("three", "four"));
  EXPECT_THAT(last(0), IsEmpty());
  const LogPiece piece = book.after({}, {}, kMuch);
  EXPECT_EQ(piece.next, book.end());
  EXPECT_EQ(piece.skipped, 0u);
  say("five", "m");
  EXPECT_THAT(texts(book.after(piece.next, {}, kMuch)), ElementsAre("five"));
  EXPECT_THAT(texts(book.after(piece.lines[1].at, {}, kMuch)), ElementsAre("three", "four", "five"))
      << "a line's place is one to go on from";
}

TEST_F(LogBookTest, SourceAndLevelAreWhatPasses) {
  say("a", "", LogLevel::debug);
  say("b", "m", LogLevel::error);
  say("c", "n", LogLevel::warn);
  say("d", "", LogLevel::warn);
  EXPECT_THAT(last(9, {.workers = false}), ElementsAre("a", "d"));
  EXPECT_THAT(last(9, {.daemon = false}), ElementsAre("b", "c"));
  EXPECT_THAT(last(9, {.daemon = false, .model = "n"}), ElementsAre("c"));
  EXPECT_THAT(last(9, {.least = LogLevel::warn}), ElementsAre("b", "c", "d"));
  EXPECT_THAT(last(1, {.least = LogLevel::error}), ElementsAre("b")) << "the last that passes, however many came after it";
}

TEST_F(LogBookTest, AFloodOfOneListLeavesTheOtherAloneAndNeitherGrowsPastItsBound) {
  say("what the daemon says");
  for (int i = 0; i < 10000; ++i) say("flood " + std::to_string(i), "m");
  const LogPiece all = book.after({}, {}, kMuch);
  EXPECT_EQ(all.lines.front().text, "what the daemon says");
  EXPECT_EQ(all.lines.back().text, "flood 9999");
  std::size_t bytes = 0;
  for (const LogLine& line : all.lines) bytes += line.text.size();
  EXPECT_LE(bytes, 8000u);
  EXPECT_EQ(all.lines.size() - 1 + all.skipped, 10000u) << "every line is there or counted";
  EXPECT_EQ(book.after({}, {.workers = false}, kMuch).skipped, 0u) << "who does not look at them misses none";
  say(std::string(100000, 'x'));
  EXPECT_THAT(last(9, {.workers = false}), IsEmpty()) << "a line that is larger than all of it";
}

TEST_F(LogBookTest, AReaderThatIsTooSlowIsToldHowManyItMissed) {
  say("first", "m");
  LogPosition position = book.end();
  for (int i = 0; i < 1000; ++i) say(std::to_string(i), "m");
  const LogPiece piece = book.after(position, {}, kMuch);
  EXPECT_GT(piece.skipped, 0u);
  EXPECT_EQ(piece.lines.front().text, std::to_string(piece.skipped)) << "nothing else is missing";
  EXPECT_EQ(book.after(piece.next, {}, kMuch).skipped, 0u) << "and is told once";
}

TEST_F(LogBookTest, WhatWasForgottenIsCountedOnceHoweverManyPiecesFollow) {
  for (int i = 0; i < 30; ++i) say("d");
  for (int i = 0; i < 100; ++i) say("w", "m");
  std::uint64_t seen = 0;
  for (LogPosition position; position != book.end();) {
    const LogPiece piece = book.after(position, {}, 1000);
    seen += piece.lines.size() + piece.skipped;
    position = piece.next;
  }
  EXPECT_EQ(seen, 130u);
}

TEST_F(LogBookTest, ComesInPieces) {
  for (int i = 0; i < 9; ++i) say(std::to_string(i), i % 2 ? "m" : "");
  std::vector<std::string> all;
  LogPosition position;
  int pieces = 0;
  for (; position != book.end(); ++pieces) {
    const LogPiece piece = book.after(position, {}, 300);
    position = piece.next;
    for (const std::string& text : texts(piece)) all.push_back(text);
  }
  EXPECT_THAT(all, ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8"));
  EXPECT_GT(pieces, 2);
}

TEST_F(LogBookTest, WhoWatchesIsWokenOnceAndNotForNothing) {
  int woken = 0;
  book.wake_with([&] { ++woken; });
  say("a");
  EXPECT_EQ(woken, 0) << "nobody watches";
  EXPECT_FALSE(book.watch({})) << "there is something already";
  EXPECT_TRUE(book.watch(book.end()));
  say("b");
  say("c");
  EXPECT_EQ(woken, 1);
  EXPECT_TRUE(book.watch(book.end()));
  book.wake_with(nullptr);
  say("d");
  EXPECT_EQ(woken, 1);
}

TEST_F(LogBookTest, WhatATerminalWouldObeyIsBlanked) {
  say("a\x1b[31mb\nc\td\x7f");
  EXPECT_THAT(last(1), ElementsAre("a [31mb c\td "));
}

TEST_F(LogBookTest, ALineIsShownAsInTheLog) {
  say("loaded", "m", LogLevel::warn);
  say("listening", "");
  const LogPiece piece = book.after({}, {}, kMuch);
  EXPECT_THAT(text_of(piece.lines[0]),
              MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3} warn  worker m: loaded"));
  EXPECT_THAT(text_of(piece.lines[1]), MatchesRegex(".* info  listening"));
}

TEST_F(LogBookTest, APositionIsReadBack) {
  EXPECT_EQ(to_string(LogPosition{.daemon = 12, .workers = 34}), "12-34");
  EXPECT_EQ(log_position_from("12-34"), (LogPosition{.daemon = 12, .workers = 34}));
  for (const char* text : {"", "-", "12", "12-", "-34", "1-2-3", "a-b", "1-99999999999999999999"})
    EXPECT_FALSE(log_position_from(text)) << text;
  say("a");
  EXPECT_THAT(texts(book.after({.daemon = 500, .workers = 3}, {}, kMuch)), ElementsAre("a")) << "of another run: everything is news";
}

TEST_F(LogBookTest, AnyThreadMayLogWhileAnotherReads) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([this] {
      for (int i = 0; i < 1000; ++i) say("line", i % 2 ? "m" : "");
    });
  std::uint64_t seen = 0;
  LogPosition position;
  const auto read = [&] {
    const LogPiece piece = book.after(position, {}, 1000);
    seen += piece.lines.size() + piece.skipped;
    position = piece.next;
  };
  for (int i = 0; i < 1000; ++i) read();
  threads.clear();
  while (position != book.end()) read();
  EXPECT_EQ(seen, 3000u);
}

}  // namespace
}  // namespace common
