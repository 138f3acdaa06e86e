#include "worker/chat/family.hpp"

#include <gmock/gmock.h>

#include <random>

#include "tests/worker/chat/golden.hpp"
#include "tests/worker/chat/transcript.hpp"
#include "worker/chat/utf8.hpp"

namespace worker::chat {
namespace {

OutputParser::Options options_of(const Golden& golden) {
  return {.tools = true, .in_reasoning = golden.in_reasoning, .family = golden.family, .definitions = golden_tools()};
}

// What a family's content must never hold while tools are offered.
std::vector<std::string> forbidden(Family family) {
  const FamilyTraits& of = traits(family);
  std::vector<std::string> all = of.strays;
  for (const CallOpener& opener : of.openers) {
    if (opener.unmarked) continue;
    all.insert(all.end(), {opener.text, opener.close});
  }
  for (const Thinking& way : of.thinking) {
    if (way.unmistakable) all.insert(all.end(), {way.open, way.close});
  }
  std::erase(all, "");
  return all;
}

void expect_no_markup(const Transcript& transcript, Family family, const std::string& text) {
  for (const std::string& marker : forbidden(family)) {
    ASSERT_EQ(transcript.content.find(marker), std::string::npos)
        << to_string(family) << ": " << marker << "\nin " << transcript.content << "\nof " << text;
  }
}

TEST(Families, ReadTheirOwnAnswersWhereverTheyAreCut) {
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(std::string(to_string(golden.family)) + ": " + golden.text);
    Transcript transcript = parse_everywhere(golden.text, options_of(golden));
    EXPECT_EQ(transcript.parts, golden.parts);
    EXPECT_EQ(transcript.counts, golden.counts);
    expect_no_markup(transcript, golden.family, golden.text);
  }
}

// One slip somewhere: bytes lost, doubled, exchanged, or the end missing.
std::string corrupt(std::string text, std::mt19937& random) {
  auto below = [&](std::size_t limit) { return limit == 0 ? 0 : random() % limit; };
  std::size_t at = below(text.size()), length = 1 + below(random() % 3 == 0 ? 40 : 4);
  switch (random() % 4) {
    case 0: text.resize(at); break;
    case 1: text.erase(at, length); break;
    case 2: text.insert(at, text.substr(at, length)); break;
    default:
      if (!text.empty()) std::swap(text[at], text[below(text.size())]);
  }
  return text;
}

TEST(Families, LeakNoMarkupFromCorruptedAnswers) {
  std::mt19937 random(20261121);
  for (const Golden& golden : goldens()) {
    for (int round = 0; round < 150; ++round) {
      std::string broken = golden.text;
      for (unsigned slips = 1 + random() % 3; slips > 0; --slips) broken = corrupt(broken, random);
      Utf8Gate gate;
      broken = gate.feed(broken) + gate.finish();
      Transcript whole = parse({broken}, options_of(golden));
      expect_no_markup(whole, golden.family, broken);
      Pieces pieces;
      for (std::size_t at = 0; at < broken.size();) {
        std::size_t size = 1 + random() % 9;
        pieces.push_back(broken.substr(at, size));
        at += size;
      }
      ASSERT_EQ(parse(pieces, options_of(golden)), whole) << to_string(golden.family) << ": " << broken;
      if (HasFailure()) return;
    }
  }
}

// A model of one family, parsed as another: nothing sensible may be expected, but no harm either.
TEST(Families, BearTheAnswersOfOthers) {
  for (const FamilyTraits* family : all_families()) {
    for (const Golden& golden : goldens()) {
      OutputParser::Options options{.tools = true, .family = family->family, .definitions = golden_tools()};
      Transcript whole = parse({golden.text}, options);
      expect_no_markup(whole, family->family, golden.text);
      Pieces bytes;
      for (char byte : golden.text) bytes.emplace_back(1, byte);
      ASSERT_EQ(parse(bytes, options), whole) << family->name << ": " << golden.text;
    }
  }
}

TEST(Families, PassTheAnswerOnWhereNoToolsAreOffered) {
  const std::string text = "<tool_call>{\"name\":\"f\"}</tool_call> {\"name\": \"add\"}";
  for (Family family : {Family::hermes, Family::qwen_coder, Family::llama, Family::generic}) {
    EXPECT_EQ(parse_everywhere(text, {.family = family}).parts, "say[" + text + "]");
  }
}

TEST(Families, StreamArgumentsAsTheyArrive) {
  for (Family family : {Family::hermes, Family::deepseek_v31, Family::harmony, Family::mistral_named, Family::llama}) {
    const CallPattern& pattern = traits(family).pattern;
    OutputParser parser({.tools = true, .family = family, .definitions = golden_tools()});
    std::vector<Part> parts = parser.feed(pattern.begin + pattern.before_name + "write_file" + pattern.after_name + "{\"content\": \"one");
    ASSERT_EQ(parts, (std::vector<Part>{CallStart{0, "", "write_file"}, CallArguments{0, "{\"content\":\"one"}})) << to_string(family);
    EXPECT_EQ(parser.feed(" two"), (std::vector<Part>{CallArguments{0, " two"}}));
    EXPECT_EQ(parser.feed(" three\"}"), (std::vector<Part>{CallArguments{0, " three\"}"}}));
  }
}

TEST(Families, AreFoundByTheirTemplates) {
  EXPECT_EQ(detect(""), Family::generic);
  EXPECT_EQ(detect("<|im_start|> '<tool_call>'"), Family::hermes);
  EXPECT_EQ(detect("<tool_call> <function= <parameter="), Family::qwen_coder);
  EXPECT_EQ(detect("<tool_call> <arg_key>"), Family::glm);
  EXPECT_EQ(detect("<|start_header_id|> ipython"), Family::llama);
  EXPECT_EQ(detect("[TOOL_CALLS]"), Family::mistral);
  EXPECT_EQ(detect("[TOOL_CALLS] [ARGS]"), Family::mistral_named);
  EXPECT_EQ(detect("<｜tool▁calls▁begin｜> ```json"), Family::deepseek);
  EXPECT_EQ(detect("<｜tool▁calls▁begin｜>"), Family::deepseek_v31);
  EXPECT_EQ(detect("<|start|> <|channel|> <|message|>"), Family::harmony);
  EXPECT_EQ(detect("<start_of_turn>"), Family::gemma);
  EXPECT_EQ(detect("<|start_of_role|> <|tool_call|>"), Family::granite);
  EXPECT_EQ(detect("<|tool|> <|/tool|>"), Family::phi4);
  EXPECT_EQ(detect("<|tool_call|> <|/tool_call|>"), Family::phi4);
  EXPECT_EQ(detect("functools["), Family::phi4);
  EXPECT_EQ(detect("<|START_ACTION|>"), Family::command_r);
  EXPECT_EQ(detect("<seed:tool_call>"), Family::seed);
  EXPECT_EQ(detect("<minimax:tool_call> <function= <parameter="), Family::minimax);
  EXPECT_EQ(detect("<|tool_calls_section_begin|>"), Family::kimi);
  EXPECT_EQ(detect("<|tool_call> <tool_call|>"), Family::gemma4);
  EXPECT_EQ(detect("<start_of_turn> <start_function_call>"), Family::function_gemma);
  EXPECT_EQ(detect("<|tool_call_start|>"), Family::lfm2);
  EXPECT_EQ(detect("<TOOLCALL>"), Family::nemotron);
  EXPECT_EQ(detect("<|header_start|> \"parameters\""), Family::llama);
  EXPECT_EQ(detect("<|python_tag|>"), Family::llama);
  EXPECT_EQ(detect("<|start_header_id|>"), Family::generic);
  EXPECT_EQ(detect("<|channel|>"), Family::generic);
}

TEST(Families, HaveNamesThatLeadBackToThem) {
  for (const FamilyTraits* family : all_families()) {
    EXPECT_EQ(&traits(family->family), family);
    EXPECT_EQ(family_named(to_string(family->family)), family->family);
  }
  EXPECT_EQ(family_named("nonesuch"), std::nullopt);
}

TEST(Families, ShowTheirMarkers) {
  EXPECT_THAT(markers(),
              testing::IsSupersetOf({"<tool_call>", "</think>", "[TOOL_CALLS]", "<|channel|>", "<|python_tag|>", "<｜tool▁sep｜>"}));
  EXPECT_THAT(markers(), testing::Not(testing::Contains("")));
}

}  // namespace
}  // namespace worker::chat
