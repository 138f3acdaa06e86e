#include "worker/chat/output_parser.hpp"

#include <gtest/gtest.h>

#include "tests/worker/chat/pieces.hpp"

namespace worker::chat {
namespace {

// Neighbours of one kind joined: how the text was cut into pieces must not matter.
std::vector<Part> parse(const Pieces& pieces, OutputParser::Options options) {
  OutputParser parser(options);
  std::vector<Part> joined;
  auto add = [&](std::vector<Part> parts) {
    for (Part& part : parts) {
      if (!joined.empty() && std::holds_alternative<Content>(part) && std::holds_alternative<Content>(joined.back())) {
        std::get<Content>(joined.back()).text += std::get<Content>(part).text;
      } else if (!joined.empty() && std::holds_alternative<Reasoning>(part) && std::holds_alternative<Reasoning>(joined.back())) {
        std::get<Reasoning>(joined.back()).text += std::get<Reasoning>(part).text;
      } else {
        joined.push_back(std::move(part));
      }
    }
  };
  for (const std::string& piece : pieces) add(parser.feed(piece));
  add(parser.finish());
  return joined;
}

void expect(const std::string& text, OutputParser::Options options, const std::vector<Part>& wanted) {
  for (const Pieces& pieces : every_cut(text)) ASSERT_EQ(parse(pieces, options), wanted) << text;
}

constexpr OutputParser::Options kPlain{};
constexpr OutputParser::Options kTools{.tools = true};

TEST(OutputParser, PassesPlainTextUnchanged) {
  expect("  Hi <b>there</b>\n\n", kPlain, {Content{"  Hi <b>there</b>\n\n"}});
  expect(" x ", kTools, {Content{" x "}});
  expect("", kPlain, {});
}

TEST(OutputParser, PassesPlainTextOnWithoutDelay) {
  OutputParser parser(kPlain);
  EXPECT_EQ(parser.feed("Hel"), std::vector<Part>{Content{"Hel"}});
  EXPECT_EQ(parser.feed("lo"), std::vector<Part>{Content{"lo"}});
}

TEST(OutputParser, TakesReasoningOut) {
  expect("<think>\nwell, 2 < 3\n</think>\n\nYes.", kPlain, {Reasoning{"well, 2 < 3"}, Content{"Yes."}});
  expect("\n <think></think>Yes.", kPlain, {Content{"Yes."}});
}

TEST(OutputParser, StartsInReasoningWhereThePromptOpenedIt) {
  expect("hm\n</think>\n\nYes.", {.in_reasoning = true}, {Reasoning{"hm"}, Content{"Yes."}});
}

TEST(OutputParser, KeepsReasoningThatWasCutOff) { expect("<think>a long tho</thi", kPlain, {Reasoning{"a long tho</thi"}}); }

TEST(OutputParser, TreatsThinkInTheMiddleOfAnAnswerAsText) {
  expect("The tag <think> opens.", kPlain, {Content{"The tag <think> opens."}});
}

TEST(OutputParser, TakesAToolCallOut) {
  expect("<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>", kTools, {ToolCall{"add", "{\"a\":1}"}});
}

TEST(OutputParser, TakesSeveralCallsAndTheTextAroundThem) {
  expect(
      "Sure.\n<tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call>\n<tool_call>{\"name\":\"g\",\"arguments\":{\"x\":\"}\"}}</"
      "tool_call>\nok",
      kTools, {Content{"Sure."}, ToolCall{"f", "{}"}, ToolCall{"g", "{\"x\":\"}\"}"}, Content{"ok"}});
}

TEST(OutputParser, TakesACallAfterReasoning) {
  expect("<think>t</think>\n<tool_call>{\"name\":\"f\"}</tool_call>", kTools, {Reasoning{"t"}, ToolCall{"f", "{}"}});
}

TEST(OutputParser, LeavesToolMarkupAloneWithoutTools) {
  const std::string text = "<tool_call>{\"name\":\"f\"}</tool_call>";
  expect(text, kPlain, {Content{text}});
}

TEST(OutputParser, IsNotFooledByMarkupInsideAnArgument) {
  expect("<tool_call>{\"name\":\"w\",\"arguments\":{\"t\":\"a </tool_call> \\\" }\"}}</tool_call>", kTools,
         {ToolCall{"w", "{\"t\":\"a </tool_call> \\\" }\"}"}});
}

TEST(OutputParser, AcceptsACallWhoseEndTagIsMissing) {
  expect("<tool_call>{\"name\":\"f\",\"arguments\":{}}", kTools, {ToolCall{"f", "{}"}});
  expect("<tool_call>{\"name\":\"f\"}<tool_call>{\"name\":\"g\"}</tool_call>", kTools, {ToolCall{"f", "{}"}, ToolCall{"g", "{}"}});
}

TEST(OutputParser, AcceptsArgumentsAsAString) {
  expect("<tool_call>{\"name\":\"f\",\"arguments\":\"{\\\"a\\\": 1}\"}</tool_call>", kTools, {ToolCall{"f", "{\"a\": 1}"}});
}

TEST(OutputParser, GivesAMalformedCallBackAsContent) {
  for (const std::string text :
       {"<tool_call>{\"nam\":\"f\"}</tool_call>", "<tool_call>f(1)</tool_call>", "<tool_call>{\"name\":\"f\",}</tool_call> x",
        "<tool_call>{\"name\":\"f\", \"arguments\": [1]}</tool_call>", "<tool_call>\n{\"name\": \"f", "<tool_call>", "a <tool_call> b"}) {
    expect(text, kTools, {Content{text}});
  }
}

TEST(OutputParser, FindsAGoodCallBehindOneThatNeverClosed) {
  expect("<tool_call>{\"name\":\"f</tool_call>\n<tool_call>{\"name\":\"g\"}</tool_call>", kTools,
         {Content{"<tool_call>{\"name\":\"f</tool_call>"}, ToolCall{"g", "{}"}});
}

TEST(OutputParser, NeverLeaksPartOfAMarker) {
  OutputParser parser(kTools);
  EXPECT_EQ(parser.feed("Hi <tool"), std::vector<Part>{Content{"Hi"}});
  EXPECT_EQ(parser.feed("_call"), std::vector<Part>{});
  EXPECT_EQ(parser.feed(">{\"name\":\"f\"}"), (std::vector<Part>{ToolCall{"f", "{}"}}));
}

}  // namespace
}  // namespace worker::chat
