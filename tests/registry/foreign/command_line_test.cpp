#include "registry/foreign/command_line.hpp"

#include <gmock/gmock.h>

namespace {

using registry::foreign::Words;
using testing::ElementsAre;
using testing::HasSubstr;

Words split(std::string_view text) {
  auto words = registry::foreign::split_command(text);
  EXPECT_TRUE(words) << words.error().message();
  return words ? *words : Words{};
}

std::string refusal(std::string_view text) {
  auto words = registry::foreign::split_command(text);
  return words ? "taken" : words.error().message();
}

TEST(CommandLineTest, WordsAreDividedByBlanksAndNewLines) {
  EXPECT_THAT(split("llama-server  --port\t1\n  -m x.gguf\r\n"), ElementsAre("llama-server", "--port", "1", "-m", "x.gguf"));
}

TEST(CommandLineTest, QuotesKeepBlanksAndAreTakenAway) {
  EXPECT_THAT(split(R"(run 'a b' "c d" e" "f '"g"' "'h'")"), ElementsAre("run", "a b", "c d", "e f", "\"g\"", "'h'"));
  EXPECT_THAT(split(R"(run "" '' x)"), ElementsAre("run", "", "", "x"));
}

TEST(CommandLineTest, ABackslashMeansWhatItMeansToAShell) {
  EXPECT_THAT(split(R"(run a\ b \" \\ 'c\d' "e\f" "\"g\"" "\$h")"), ElementsAre("run", "a b", "\"", "\\", "c\\d", "e\\f", "\"g\"", "$h"));
}

TEST(CommandLineTest, ALineMayEndWithABackslashAndBlanksAfterIt) {
  EXPECT_THAT(split("run --a \\\n  --b \\   \n\n  --c"), ElementsAre("run", "--a", "--b", "--c"));
}

TEST(CommandLineTest, LinesThatBeginWithASharpAreNoPartOfIt) {
  EXPECT_THAT(split("# first\nrun\n   # second 'open\n--a # b"), ElementsAre("run", "--a", "#", "b"));
}

TEST(CommandLineTest, NothingIsExpandedAndNoOperatorIsKnown) {
  EXPECT_THAT(split("run $HOME * `x` | tee > y; z &"), ElementsAre("run", "$HOME", "*", "`x`", "|", "tee", ">", "y;", "z", "&"));
}

TEST(CommandLineTest, WhatCannotBeDividedIsRefused) {
  EXPECT_THAT(refusal("run 'open"), HasSubstr("a ' is not closed"));
  EXPECT_THAT(refusal("run \"open\\\""), HasSubstr("a \" is not closed"));
  EXPECT_THAT(refusal(""), HasSubstr("nothing to run"));
  EXPECT_THAT(refusal("# only this\n  \n"), HasSubstr("nothing to run"));
}

TEST(CommandLineTest, TheLastValueOfAnOptionCounts) {
  const Words words = split("run -m a --model=b --other c --modelx d -m");
  EXPECT_EQ(registry::foreign::option_value(words, {"-m", "--model"}), "b");
  EXPECT_EQ(registry::foreign::option_value(words, {"--none"}), std::nullopt);
  EXPECT_TRUE(registry::foreign::has_option(words, {"--other"}));
  EXPECT_FALSE(registry::foreign::has_option(words, {"--mod"}));
}

}  // namespace
