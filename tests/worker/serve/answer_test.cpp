#include "worker/serve/answer.hpp"

#include <gmock/gmock.h>

namespace worker::serve {
namespace {

using common::Json;

const Finish kStopped{.reason = FinishReason::stop, .prompt_tokens = 3, .completion_tokens = 4};

std::vector<Json> stream(const Prepared& prepared, const std::vector<std::string>& pieces, const Finish& finish = kStopped) {
  auto answer = make_answer(prepared, "the-model");
  std::vector<Json> chunks = answer->first();
  auto add = [&](std::vector<Json> more) { chunks.insert(chunks.end(), more.begin(), more.end()); };
  for (const std::string& piece : pieces) add(answer->more(piece));
  add(answer->last(finish));
  return chunks;
}

TEST(ChatStream, HasTheRoleFirstAndTheReasonLast) {
  auto chunks = stream({}, {"He", "llo"});
  ASSERT_EQ(chunks.size(), 4u);
  EXPECT_EQ(chunks[0]["choices"][0]["delta"]["role"], "assistant");
  EXPECT_EQ(chunks[1]["choices"][0]["delta"], (Json{{"content", "He"}}));
  EXPECT_EQ(chunks[3]["choices"][0]["finish_reason"], "stop");
  for (const Json& chunk : chunks) {
    EXPECT_EQ(chunk["id"], chunks[0]["id"]);
    EXPECT_EQ(chunk["object"], "chat.completion.chunk");
    EXPECT_EQ(chunk["model"], "the-model");
    EXPECT_TRUE(chunk["choices"][0].contains("finish_reason"));
    EXPECT_FALSE(chunk.contains("usage"));
  }
}

TEST(ChatStream, AddsAUsageChunkWhenAskedTo) {
  auto chunks = stream({.include_usage = true}, {"a"});
  for (std::size_t i = 0; i + 1 < chunks.size(); ++i) EXPECT_TRUE(chunks[i].at("usage").is_null());
  EXPECT_EQ(chunks.back()["choices"], Json::array());
  EXPECT_EQ(chunks.back()["usage"]["total_tokens"], 7);
  EXPECT_EQ(chunks.back()["usage"]["prompt_tokens_details"]["cached_tokens"], 0);
  EXPECT_EQ(chunks.back()["id"], chunks[0]["id"]);
}

TEST(ChatStream, NumbersToolCalls) {
  auto chunks =
      stream({.tools = true}, {"<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":1}}</tool_call>\n<tool_call>{\"name\":\"g\"}</tool_call>"});
  ASSERT_EQ(chunks.size(), 4u);
  const Json& first = chunks[1]["choices"][0]["delta"]["tool_calls"][0];
  EXPECT_EQ(first["index"], 0);
  EXPECT_EQ(first["type"], "function");
  EXPECT_THAT(first["id"].get<std::string>(), testing::StartsWith("call_"));
  EXPECT_EQ(first["function"], (Json{{"name", "f"}, {"arguments", "{\"a\":1}"}}));
  EXPECT_EQ(chunks[2]["choices"][0]["delta"]["tool_calls"][0]["index"], 1);
  EXPECT_EQ(chunks[3]["choices"][0]["finish_reason"], "tool_calls");
}

TEST(ChatStream, StreamsTheArgumentsOfACall) {
  auto chunks = stream({.tools = true}, {"<tool_call>{\"name\":\"f\",", "\"arguments\":{\"a\":\"x", " y\"}}", "</tool_call>"});
  ASSERT_EQ(chunks.size(), 4u);
  const Json& first = chunks[1]["choices"][0]["delta"]["tool_calls"][0];
  EXPECT_EQ(first["function"], (Json{{"name", "f"}, {"arguments", "{\"a\":\"x"}}));
  EXPECT_EQ(chunks[2]["choices"][0]["delta"]["tool_calls"][0], (Json{{"index", 0}, {"function", {{"arguments", " y\"}"}}}}));
  EXPECT_EQ(chunks[3]["choices"][0]["finish_reason"], "tool_calls");
}

TEST(ChatStream, SaysWhatIsNoCallAndMakesNone) {
  auto chunks = stream({.tools = true}, {"<tool_call>{\"nam\":1}</tool_call>"});
  ASSERT_EQ(chunks.size(), 3u);
  EXPECT_EQ(chunks[1]["choices"][0]["delta"], (Json{{"content", "{\"nam\":1}"}}));
  EXPECT_EQ(chunks[2]["choices"][0]["finish_reason"], "stop");
  auto cut = stream({.tools = true}, {"<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":\"half"});
  EXPECT_EQ(cut.back()["choices"][0]["finish_reason"], "stop") << "a call that was cut off must not be carried out";
}

TEST(ChatStream, SplitsNoCharacter) {
  auto chunks = stream({}, {"\xE2\x82", "\xAC"});
  ASSERT_EQ(chunks.size(), 3u);
  EXPECT_EQ(chunks[1]["choices"][0]["delta"]["content"], "\u20ac");
}

TEST(ChatAnswer, IsWhole) {
  auto whole = make_answer({}, "the-model")->whole("<think>hm</think>Hi", kStopped);
  EXPECT_THAT(whole["id"].get<std::string>(), testing::StartsWith("chatcmpl-"));
  EXPECT_EQ(whole["object"], "chat.completion");
  const Json& choice = whole["choices"][0];
  EXPECT_EQ(choice["message"], (Json{{"role", "assistant"}, {"content", "Hi"}, {"refusal", nullptr}, {"reasoning_content", "hm"}}));
  EXPECT_TRUE(choice.at("logprobs").is_null());
  EXPECT_EQ(choice["finish_reason"], "stop");
  EXPECT_EQ(whole["usage"]["prompt_tokens"], 3);
}

TEST(ChatAnswer, HasNullContentBesideAToolCallOnly) {
  Prepared prepared{.tools = true};
  auto called = make_answer(prepared, "m")->whole("<tool_call>{\"name\":\"f\"}</tool_call>", kStopped)["choices"][0];
  EXPECT_TRUE(called["message"]["content"].is_null());
  EXPECT_EQ(called["finish_reason"], "tool_calls");
  auto silent = make_answer(prepared, "m")->whole("", {.reason = FinishReason::length})["choices"][0];
  EXPECT_EQ(silent["message"]["content"], "");
  EXPECT_EQ(silent["finish_reason"], "length");
}

TEST(ChatAnswer, LeavesOutACallThatWasCutOff) {
  auto answer = make_answer({.tools = true}, "m");
  auto choice = answer->whole("<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":\"half", kStopped)["choices"][0];
  EXPECT_FALSE(choice["message"].contains("tool_calls"));
  EXPECT_EQ(choice["finish_reason"], "stop");
  EXPECT_EQ(answer->counts().malformed, 1u);
}

TEST(TextAnswer, StreamsAndIsWhole) {
  Prepared prepared{.surface = Surface::completions};
  auto chunks = stream(prepared, {"a", "b"});
  ASSERT_EQ(chunks.size(), 3u);
  EXPECT_EQ(chunks[0]["object"], "text_completion");
  EXPECT_EQ(chunks[0]["choices"][0]["text"], "a");
  EXPECT_EQ(chunks[2]["choices"][0]["finish_reason"], "stop");
  EXPECT_EQ(make_answer(prepared, "m")->whole("ab", kStopped)["choices"][0]["text"], "ab");
}

TEST(FreshId, NeverRepeats) { EXPECT_NE(fresh_id("x-"), fresh_id("x-")); }

}  // namespace
}  // namespace worker::serve
