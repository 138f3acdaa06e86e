#include "worker/serve/answer.hpp"

#include <gmock/gmock.h>

namespace worker::serve {
namespace {

using common::Json;

const Finish kStopped{.reason = FinishReason::stop, .prompt_tokens = 3, .completion_tokens = 4};

const engine::Vocabulary kNoWords(nullptr);  // only logprobs need one

Prepared with_choices(Prepared prepared, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) prepared.jobs.emplace_back();
  return prepared;
}

// Every chunk of an event stream, which must end with [DONE].
std::vector<Json> read(std::string_view events) {
  std::vector<Json> chunks;
  constexpr std::string_view kDone = "data: [DONE]\n\n";
  EXPECT_TRUE(events.ends_with(kDone));
  events.remove_suffix(kDone.size());
  for (std::size_t end; (end = events.find("\n\n")) != std::string_view::npos; events.remove_prefix(end + 2)) {
    chunks.push_back(common::parse_json(events.substr(6, end - 6)).value());
  }
  return chunks;
}

std::vector<Json> stream(Prepared prepared, const std::vector<std::string>& pieces, const Finish& finish = kStopped) {
  auto reply = make_reply(with_choices(std::move(prepared), 1), "the-model", kNoWords);
  std::string events = reply->first();
  for (const std::string& piece : pieces) events += reply->more(0, {.text = piece});
  events += reply->last(0, finish);
  return read(events + reply->end({finish}));
}

Json whole(Prepared prepared, const std::string& text, const Finish& finish = kStopped) {
  return make_reply(with_choices(std::move(prepared), 1), "the-model", kNoWords)->whole({{.text = text}}, {finish});
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
  auto answer = whole({}, "<think>hm</think>Hi");
  EXPECT_THAT(answer["id"].get<std::string>(), testing::StartsWith("chatcmpl-"));
  EXPECT_EQ(answer["object"], "chat.completion");
  const Json& choice = answer["choices"][0];
  EXPECT_EQ(choice["message"], (Json{{"role", "assistant"}, {"content", "Hi"}, {"refusal", nullptr}, {"reasoning_content", "hm"}}));
  EXPECT_TRUE(choice.at("logprobs").is_null());
  EXPECT_EQ(choice["finish_reason"], "stop");
  EXPECT_EQ(answer["usage"]["prompt_tokens"], 3);
}

TEST(ChatAnswer, HasNullContentBesideAToolCallOnly) {
  auto called = whole({.tools = true}, "<tool_call>{\"name\":\"f\"}</tool_call>")["choices"][0];
  EXPECT_TRUE(called["message"]["content"].is_null());
  EXPECT_EQ(called["finish_reason"], "tool_calls");
  auto silent = whole({.tools = true}, "", {.reason = FinishReason::length})["choices"][0];
  EXPECT_EQ(silent["message"]["content"], "");
  EXPECT_EQ(silent["finish_reason"], "length");
}

TEST(ChatAnswer, LeavesOutACallThatWasCutOff) {
  auto answer = make_reply(with_choices({.tools = true}, 1), "m", kNoWords);
  auto choice = answer->whole({{.text = "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":\"half"}}, {kStopped})["choices"][0];
  EXPECT_FALSE(choice["message"].contains("tool_calls"));
  EXPECT_EQ(choice["finish_reason"], "stop");
  EXPECT_EQ(answer->counts().malformed, 1u);
}

TEST(TextAnswer, StreamsAndIsWhole) {
  auto chunks = stream({.surface = Surface::completions}, {"a", "b"});
  ASSERT_EQ(chunks.size(), 3u);
  EXPECT_EQ(chunks[0]["object"], "text_completion");
  EXPECT_EQ(chunks[0]["choices"][0]["text"], "a");
  EXPECT_EQ(chunks[2]["choices"][0]["finish_reason"], "stop");
  EXPECT_EQ(whole({.surface = Surface::completions}, "ab")["choices"][0]["text"], "ab");
}

TEST(Reply, KeepsItsChoicesApartAndCountsThePromptOnce) {
  auto reply = make_reply(with_choices({.include_usage = true}, 2), "the-model", kNoWords);
  std::string events = reply->first() + reply->more(1, {.text = "one"}) + reply->more(0, {.text = "zero"});
  events += reply->last(1, kStopped) + reply->last(0, kStopped) + reply->end({kStopped, kStopped});
  std::string text[2];
  auto chunks = read(events);
  for (const Json& chunk : chunks) {
    for (const Json& choice : chunk["choices"]) text[choice["index"].get<int>()] += choice["delta"].value("content", "");
  }
  EXPECT_EQ(text[0], "zero");
  EXPECT_EQ(text[1], "one");
  EXPECT_EQ(chunks.back()["usage"]["prompt_tokens"], 3);
  EXPECT_EQ(chunks.back()["usage"]["completion_tokens"], 8);
}

TEST(Reply, BeginsWithThePromptWhereItIsToBeEchoed) {
  EXPECT_EQ(whole({.surface = Surface::completions, .echo = "ab"}, "c")["choices"][0]["text"], "abc");
}

TEST(InfillReply, SpeaksToEditorsPlugins) {
  auto answer = whole({.surface = Surface::infill}, "gap");
  EXPECT_EQ(answer["content"], "gap");
  EXPECT_EQ(answer["stop"], true);
  EXPECT_EQ(answer["tokens_predicted"], 4);
  auto reply = make_reply(with_choices({.surface = Surface::infill}, 1), "the-model", kNoWords);
  EXPECT_EQ(reply->more(0, {.text = "a"}), "data: {\"index\":0,\"content\":\"a\",\"stop\":false}\n\n");
  EXPECT_EQ(reply->end({kStopped}), "");
}

TEST(FreshId, NeverRepeats) { EXPECT_NE(fresh_id("x-"), fresh_id("x-")); }

}  // namespace
}  // namespace worker::serve
