#include "worker/chat/output_parser.hpp"

#include <gtest/gtest.h>

#include "tests/worker/chat/transcript.hpp"

namespace worker::chat {
namespace {

void expect(const std::string& text, const OutputParser::Options& options, const std::string& wanted, ParserCounts counts = {}) {
  Transcript transcript = parse_everywhere(text, options);
  EXPECT_EQ(transcript.parts, wanted) << text;
  EXPECT_EQ(transcript.counts, counts) << text;
}

const OutputParser::Options kPlain{};
const OutputParser::Options kTools{.tools = true};
constexpr ParserCounts kRepaired{.repaired = 1};

TEST(OutputParser, PassesPlainTextUnchanged) {
  expect("  Hi <b>there</b>\n\n", kPlain, "say[  Hi <b>there</b>\n\n]");
  expect(" x ", kTools, "say[ x ]");
  expect("", kPlain, "");
}

TEST(OutputParser, PassesPlainTextOnWithoutDelay) {
  OutputParser parser(kPlain);
  EXPECT_EQ(parser.feed("Hel"), std::vector<Part>{Content{"Hel"}});
  EXPECT_EQ(parser.feed("lo"), std::vector<Part>{Content{"lo"}});
}

TEST(OutputParser, TakesReasoningOut) {
  expect("<think>\nwell, 2 < 3\n</think>\n\nYes.", kPlain, "think[well, 2 < 3]\nsay[Yes.]");
  expect("\n <think></think>Yes.", kPlain, "say[Yes.]");
}

TEST(OutputParser, StartsInReasoningWhereThePromptOpenedIt) {
  expect("hm\n</think>\n\nYes.", {.in_reasoning = true}, "think[hm]\nsay[Yes.]");
}

TEST(OutputParser, KeepsReasoningThatWasCutOff) { expect("<think>a long tho</thi", kPlain, "think[a long tho</thi]"); }

TEST(OutputParser, TreatsThinkInTheMiddleOfAnAnswerAsText) { expect("The tag <think> opens.", kPlain, "say[The tag <think> opens.]"); }

TEST(OutputParser, TakesAToolCallOut) {
  expect("<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>", kTools, "call add {\"a\":1}");
}

TEST(OutputParser, TakesSeveralCallsAndTheTextAroundThem) {
  expect(
      "Sure.\n<tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call>\n<tool_call>{\"name\":\"g\",\"arguments\":{\"x\":\"}\"}}</"
      "tool_call>\nok",
      kTools, "say[Sure.]\ncall f {}\ncall g {\"x\":\"}\"}\nsay[ok]");
}

TEST(OutputParser, TakesACallAfterReasoning) {
  expect("<think>t</think>\n<tool_call>{\"name\":\"f\"}</tool_call>", kTools, "think[t]\ncall f {}");
}

TEST(OutputParser, LeavesToolMarkupAloneWithoutTools) {
  const std::string text = "<tool_call>{\"name\":\"f\"}</tool_call>";
  expect(text, kPlain, "say[" + text + "]");
}

TEST(OutputParser, IsNotFooledByMarkupInsideAnArgument) {
  expect("<tool_call>{\"name\":\"w\",\"arguments\":{\"t\":\"a </tool_call> \\\" }\"}}</tool_call>", kTools,
         "call w {\"t\":\"a </tool_call> \\\" }\"}");
}

TEST(OutputParser, AcceptsACallWhoseEndTagIsMissing) {
  expect("<tool_call>{\"name\":\"f\",\"arguments\":{}}", kTools, "call f {}", kRepaired);
  expect("<tool_call>{\"name\":\"f\"}<tool_call>{\"name\":\"g\"}</tool_call>", kTools, "call f {}\ncall g {}", kRepaired);
}

TEST(OutputParser, AcceptsArgumentsAsAString) {
  expect("<tool_call>{\"name\":\"f\",\"arguments\":\"{\\\"a\\\": 1}\"}</tool_call>", kTools, "call f {\"a\":1}", kRepaired);
}

TEST(OutputParser, TakesTheFirstArgumentsOfACallThatHasThemTwice) {
  auto call = [](const std::string& members) { return "<tool_call>{" + members + "}</tool_call>"; };
  const std::string name = R"("name":"f")", wanted = "call f {\"a\":1}";
  expect(call(name + R"(,"arguments":{"a":1},"parameters":{"b":{"c":[2]}})"), kTools, wanted, kRepaired);
  expect(call(name + R"(,"arguments":{"a":1},"arguments":{"b":2})"), kTools, wanted, kRepaired);
  expect(call(R"("arguments":{"a":1},"args":{"b":2},)" + name), kTools, wanted, kRepaired);
  expect(call(R"("arguments":{"a":1},"args":"{\"b\":2}",)" + name), kTools, wanted, kRepaired);
  expect(call(name + R"(,"arguments":"{\"a\":1}","args":{"b":2})"), kTools, wanted, kRepaired);
  expect(call(R"("function":{"name":"f","arguments":{"a":1},"args":{"b":2}},"args":{"c":3})"), kTools, wanted, kRepaired);
}

TEST(OutputParser, ReportsAMalformedCall) {
  constexpr ParserCounts kOne{.malformed = 1};
  expect("<tool_call>{\"nam\":\"f\"}</tool_call>", kTools, "bad[{\"nam\":\"f\"}]", kOne);
  expect("<tool_call>{\"name\":\"f\", \"arguments\": [1]}</tool_call>", kTools, "bad[{\"name\":\"f\", \"arguments\": [1]}]", kOne);
  expect("<tool_call>\n{\"name\": \"f", kTools, "bad[\n{\"name\": \"f]", kOne);
  expect("<tool_call>", kTools, "bad[]", kOne);
  expect("<tool_call>f(1)</tool_call>", kTools, "bad[]\nsay[f(1)]", kOne);
  expect("a <tool_call> b", kTools, "say[a]\nbad[]\nsay[b]", kOne);
}

TEST(OutputParser, KeepsWhatAMalformedCallSaid) {
  OutputParser parser(kTools);
  std::vector<Part> parts = parser.feed("<tool_call>{\"nam\":\"f\"}</tool_call>");
  EXPECT_EQ(parts, (std::vector<Part>{MalformedCall{"<tool_call>{\"nam\":\"f\"}</tool_call>", "{\"nam\":\"f\"}", std::nullopt}}));
}

TEST(OutputParser, FindsAGoodCallBehindOneThatNeverClosed) {
  expect("<tool_call>{\"name\":\"f</tool_call>\n<tool_call>{\"name\":\"g\"}</tool_call>", kTools, "bad[{\"name\":\"f]\ncall g {}",
         {.malformed = 1});
}

TEST(OutputParser, NeverLeaksPartOfAMarker) {
  OutputParser parser(kTools);
  EXPECT_EQ(parser.feed("Hi <tool"), std::vector<Part>{Content{"Hi"}});
  EXPECT_EQ(parser.feed("_call"), std::vector<Part>{});
  EXPECT_EQ(parser.feed(">{\"name\":\"f\"}"), (std::vector<Part>{CallStart{0, "", "f"}, CallArguments{0, "{}"}}));
}

}  // namespace
}  // namespace worker::chat
