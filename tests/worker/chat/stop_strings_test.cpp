#include "worker/chat/stop_strings.hpp"

#include <gtest/gtest.h>

#include "tests/worker/chat/pieces.hpp"

namespace worker::chat {
namespace {

struct Outcome {
  std::string text;
  bool stopped = false;
  bool operator==(const Outcome&) const = default;
};

Outcome through(const Pieces& pieces, std::vector<std::string> stops) {
  StopStrings filter(std::move(stops));
  Outcome outcome;
  for (const std::string& piece : pieces) outcome.text += filter.feed(piece);
  outcome.stopped = filter.stopped();
  outcome.text += filter.finish();
  return outcome;
}

TEST(StopStrings, EndsTheTextBeforeTheStopStringWhereverItIsCut) {
  for (const Pieces& pieces : every_cut("one two STOP three")) EXPECT_EQ(through(pieces, {"STOP"}), (Outcome{"one two ", true}));
}

TEST(StopStrings, GivesBackWhatOnlyBeganLikeAStopString) {
  for (const Pieces& pieces : every_cut("STSTO STOQ")) EXPECT_EQ(through(pieces, {"STOP"}), (Outcome{"STSTO STOQ", false}));
}

TEST(StopStrings, TakesTheEarliestOfSeveral) {
  for (const Pieces& pieces : every_cut("ab\n\nUser: x END"))
    EXPECT_EQ(through(pieces, {"END", "\nUser:", "zzz"}), (Outcome{"ab\n", true}));
}

TEST(StopStrings, NeverLeaksPartOfAStopString) {
  StopStrings filter({"</answer>"});
  EXPECT_EQ(filter.feed("yes</"), "yes");
  EXPECT_EQ(filter.feed("ans"), "");
  EXPECT_EQ(filter.feed("wer> more"), "");
  EXPECT_TRUE(filter.stopped());
  EXPECT_EQ(filter.feed("later"), "");
}

TEST(StopStrings, WithoutAnyPassesEverythingAtOnce) {
  StopStrings filter({});
  EXPECT_EQ(filter.feed("text"), "text");
  EXPECT_FALSE(filter.stopped());
}

TEST(StopStrings, WorksInsideACharacterOfSeveralBytes) {
  for (const Pieces& pieces : every_cut("\u20ac\u00e9!")) EXPECT_EQ(through(pieces, {"\u00e9"}), (Outcome{"\u20ac", true}));
}

}  // namespace
}  // namespace worker::chat
