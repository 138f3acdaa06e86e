#include "worker/serve/constraint.hpp"

#include <gmock/gmock.h>

#include "tests/support/gbnf.hpp"
#include "tests/support/tiny_model.hpp"

namespace worker::serve {
namespace {

// To a caller's grammar, with a template that thinks.
engine::Grammar held_to(const std::string& text, bool in_reasoning) {
  auto chat_template = chat::ChatTemplate::parse(support::tiny_chat_template(), "", "");
  ChatRequest request;
  request.generation.grammar = text;
  return constraint_of(request, chat_template.value(), {.text = "", .in_reasoning = in_reasoning}).value();
}

constexpr const char* kChoice = "root ::= \"yes\" | \"no\"";

TEST(Constraint, ACallersGrammarHoldsFromTheFirstToken) {
  const engine::Grammar grammar = held_to(kChoice, false);
  EXPECT_EQ(grammar.text, kChoice);
  EXPECT_EQ(grammar.start, "root");
}

TEST(Constraint, ACallersGrammarHoldsAfterTheThoughtThatThePromptHasOpened) {
  const engine::Grammar grammar = held_to(kChoice, true);
  const support::Gbnf whole(grammar.text, grammar.start);
  EXPECT_TRUE(whole.derives("well, <b>yes</b> or no?\n</think>\n\nyes"));
  EXPECT_TRUE(whole.derives("\n</think>\n\nno")) << "what a budget of 0 says for the model";
  EXPECT_FALSE(whole.derives("yes")) << "it is only thought";
  EXPECT_FALSE(whole.derives("yes</think>\n\nmaybe"));
  EXPECT_FALSE(whole.derives("yes</think>"));
}

TEST(Constraint, NoRuleOfTheCallersIsTakenForOneOfOurs) {
  const engine::Grammar grammar = held_to("root ::= perch-thought perch-0-whole\nperch-thought ::= \"a\"\nperch-0-whole ::= \"b\"", true);
  const support::Gbnf whole(grammar.text, grammar.start);
  EXPECT_TRUE(whole.derives("so</think>ab"));
  EXPECT_FALSE(whole.derives("ab"));
}

TEST(Constraint, ACallersGrammarIsReadAsItWouldBeAlone) {
  const engine::Grammar grammar = held_to("root ::= \"a\" |", true);  // what followed would belong to it
  const support::Gbnf whole(grammar.text, grammar.start);
  EXPECT_TRUE(whole.derives("so</think>a"));
  EXPECT_TRUE(whole.derives("so</think>"));
  EXPECT_FALSE(whole.derives("so</think>b"));
}

}  // namespace
}  // namespace worker::serve
