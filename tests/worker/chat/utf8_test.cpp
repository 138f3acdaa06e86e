#include "worker/chat/utf8.hpp"

#include <gtest/gtest.h>

#include "common/json.hpp"
#include "tests/worker/chat/pieces.hpp"

namespace worker::chat {
namespace {

const std::string kReplacement = "\uFFFD";

std::string through(const Pieces& pieces) {
  Utf8Gate gate;
  std::string all;
  for (const std::string& piece : pieces) all += gate.feed(piece);
  return all + gate.finish();
}

bool valid(const std::string& text) { return common::parse_json("\"" + text + "\"").has_value(); }

TEST(Utf8Gate, PassesWholeCharactersOnlyWhereverTheTextIsCut) {
  const std::string text = "a\u00e9\u20ac\U0001F600z\uFFFF\u0800\U00010000";
  for (const Pieces& pieces : every_cut(text)) {
    Utf8Gate gate;
    std::string all;
    for (const std::string& piece : pieces) {
      std::string out = gate.feed(piece);
      EXPECT_TRUE(valid(out)) << out;
      all += out;
    }
    EXPECT_EQ(all, text);
    EXPECT_EQ(gate.finish(), "");
  }
}

TEST(Utf8Gate, HoldsHalfACharacterBackUntilTheRestComes) {
  Utf8Gate gate;
  EXPECT_EQ(gate.feed("x\xE2\x82"), "x");
  EXPECT_EQ(gate.feed("\xAC"), "\u20ac");
}

TEST(Utf8Gate, ReplacesWhatCanNeverBecomeACharacter) {
  EXPECT_EQ(through({"a\xFFz"}), "a" + kReplacement + "z");
  EXPECT_EQ(through({"\x80"}), kReplacement);
  EXPECT_EQ(through({"\xE2\x82", "A"}), kReplacement + "A");
  EXPECT_EQ(through({"\xC0\xAF"}), kReplacement + kReplacement);                                        // overlong
  EXPECT_EQ(through({"\xED\xA0\x80"}), kReplacement + kReplacement + kReplacement);                     // a surrogate
  EXPECT_EQ(through({"\xF4\x90\x80\x80"}), kReplacement + kReplacement + kReplacement + kReplacement);  // beyond U+10FFFF
}

TEST(Utf8Gate, ReplacesACharacterThatNeverCameToItsEnd) { EXPECT_EQ(through({"ok \xF0\x9F\x98"}), "ok " + kReplacement); }

TEST(Utf8Gate, SaysTheSameOfBrokenTextWhereverItIsCut) {
  const std::string text = "a\xE2\x82(\xF0\x9F\xC3\xA9\xFF\xED\xA0z\xE2";
  const std::string whole = through({text});
  for (const Pieces& pieces : every_cut(text)) EXPECT_EQ(through(pieces), whole);
}

}  // namespace
}  // namespace worker::chat
