#include "worker/engine/grammar.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"
#include "tests/support/tiny_model.hpp"
#include "worker/engine/backend.hpp"
#include "worker/engine/model.hpp"

namespace worker::engine {
namespace {

// Speaks one token a byte.
class GrammarGuardTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { start_backend(false); }
  GrammarGuardTest() {
    auto path = (folder.path() / "model.gguf").string();
    support::write_tiny_model(path);
    auto loaded = Model::load(path, [](double) { return true; });
    if (!loaded) throw std::runtime_error(loaded.error().message());
    model = std::move(*loaded);
  }

  GrammarGuard guard(Grammar grammar) {
    auto made = GrammarGuard::create(model.vocabulary(), std::move(grammar));
    if (!made) throw std::runtime_error(made.error().message());
    return std::move(*made);
  }
  std::vector<Token> spelled(const std::string& text) const { return model.vocabulary().tokenize(text, false, true); }
  void say(GrammarGuard& guard, const std::string& text, bool may_trigger = true) const {
    for (Token token : spelled(text)) guard.accept(token, may_trigger);
  }
  bool may_say(const GrammarGuard& guard, const std::string& character) const { return guard.allows(spelled(character).at(0)); }

  tests::TempFolder folder;
  Model model;
  // After the trigger only these two.
  const Grammar call{.text = "root ::= \"{call\" (\"a\" | \"b\") \"}\"", .triggers = {{.text = "{call"}}};
};

TEST_F(GrammarGuardTest, HoldsFromTheStartWithoutTriggers) {
  auto held = guard({.text = "root ::= \"yes\" | \"no\""});
  EXPECT_TRUE(may_say(held, "y"));
  EXPECT_FALSE(may_say(held, "x"));
  say(held, "n");
  EXPECT_TRUE(may_say(held, "o"));
  EXPECT_FALSE(may_say(held, "y"));
}

TEST_F(GrammarGuardTest, BeginsWithTheRuleThatItIsTold) {
  auto held = guard({.text = "root ::= \"a\"\nfirst ::= \"b\" root", .start = "first"});
  EXPECT_FALSE(may_say(held, "a"));
  say(held, "b");
  EXPECT_TRUE(may_say(held, "a"));
}

TEST_F(GrammarGuardTest, AllowsEverythingUntilATriggerIsWholeAndThenHolds) {
  auto lazy = guard(call);
  say(lazy, "free words {cal");
  EXPECT_TRUE(may_say(lazy, "x"));
  say(lazy, "l");
  EXPECT_TRUE(may_say(lazy, "a"));
  EXPECT_FALSE(may_say(lazy, "x"));
}

TEST_F(GrammarGuardTest, ATriggerOfTheStartMeansNothingLater) {
  Grammar first = call;
  first.triggers[0].at_start = true;
  auto later = guard(first);
  say(later, "well: {call");
  EXPECT_TRUE(may_say(later, "x"));
  auto at_once = guard(first);
  say(at_once, " \n {call");
  EXPECT_FALSE(may_say(at_once, "x"));
  auto much_later = guard(first);
  say(much_later, "words that are longer than any trigger, and then some spaces    {call");
  EXPECT_TRUE(may_say(much_later, "x"));
}

TEST_F(GrammarGuardTest, ATriggerThatIsOnlyThoughtOfIsNone) {
  auto lazy = guard(call);
  say(lazy, "{call", false);
  EXPECT_TRUE(may_say(lazy, "x"));
  say(lazy, "{call");
  EXPECT_FALSE(may_say(lazy, "x"));
}

TEST_F(GrammarGuardTest, ACopyGoesItsOwnWay) {
  auto one = guard(call);
  say(one, "{call");
  auto other = one.copy();
  say(one, "a");
  EXPECT_TRUE(may_say(one, "}"));
  EXPECT_FALSE(may_say(other, "}"));
  EXPECT_TRUE(may_say(other, "b"));
  EXPECT_TRUE(may_say(GrammarGuard().copy(), "x"));
}

TEST_F(GrammarGuardTest, WhatCannotBeParsedIsRefusedAndNeverMeansEverything) {
  for (const char* text : {"", "root ::= [", "root ::= nothing", "other ::= \"x\""})
    EXPECT_FALSE(GrammarGuard::create(model.vocabulary(), {.text = text})) << text;
}

}  // namespace
}  // namespace worker::engine
