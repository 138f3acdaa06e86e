#include "worker/serve/request.hpp"

#include <gmock/gmock.h>

namespace worker::serve {
namespace {

using common::Json;
using testing::HasSubstr;

Json body(const std::string& extra = "") {
  return common::parse_json(R"({"messages": [{"role": "user", "content": "Hi"}])" + (extra.empty() ? "" : ", " + extra) + "}").value();
}

struct Case {
  const char* fields;     // added to a good request
  const char* parameter;  // that the error names
  const char* words;      // that its message has
};

TEST(ChatRequest, ReadsTheKnownFieldsAndIgnoresTheRest) {
  auto request =
      parse_chat_request(body(R"("model": "m", "temperature": 0, "top_p": 0.5, "top_k": 7, "min_p": 0.1, "seed": -7, "max_tokens": 9,
      "context_tokens": 300, "stop": ["a", "b"], "stream": true, "stream_options": {"include_usage": true, "x": 1}, "n": 1, "user": 5,
      "logprobs": false, "tools": [])"),
                         {});
  ASSERT_TRUE(request) << request.error().message();
  const GenerationRequest& generation = request->generation;
  EXPECT_EQ(generation.model, "m");
  EXPECT_EQ(generation.sampling.temperature, 0);
  EXPECT_EQ(generation.sampling.top_p, 0.5f);
  EXPECT_EQ(generation.sampling.top_k, 7);
  EXPECT_EQ(generation.sampling.min_p, 0.1f);
  EXPECT_TRUE(generation.sampling.seed.has_value());
  EXPECT_EQ(generation.max_tokens, 9u);
  EXPECT_EQ(generation.context_tokens, 300u);
  EXPECT_THAT(generation.stop, testing::ElementsAre("a", "b"));
  EXPECT_TRUE(generation.stream);
  EXPECT_TRUE(generation.include_usage);
  EXPECT_TRUE(request->conversation.tools.is_null());
}

TEST(ChatRequest, NullMeansAbsent) {
  auto request = parse_chat_request(
      body(R"("temperature": null, "stop": null, "tools": null, "tool_choice": null, "max_tokens": null, "response_format": null)"),
      {.temperature = 0.25f});
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_EQ(request->generation.sampling.temperature, 0.25f);
  EXPECT_EQ(request->generation.max_tokens, std::nullopt);
}

// llama-server's clients say -1 for a new seed each time, and for as many tokens as fit.
TEST(ChatRequest, MinusOneIsLlamaServersWordForNothingInParticular) {
  auto request = parse_chat_request(body(R"("seed": -1, "n_predict": -1)"), {.seed = 5});
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_EQ(request->generation.sampling.seed, std::nullopt);
  EXPECT_EQ(request->generation.max_tokens, std::nullopt);
}

TEST(ChatRequest, TheNewerNameOfTheLimitWins) {
  auto request = parse_chat_request(body(R"("max_completion_tokens": 5, "max_tokens": 9)"), {});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->generation.max_tokens, 5u);
}

TEST(ChatRequest, RefusesWrongTypesAndRangesByName) {
  const Case cases[] = {
      {R"("temperature": "hot")", "temperature", "a number"},
      {R"("temperature": 2.1)", "temperature", "between 0 and 2, not 2.1"},
      {R"("top_p": -0.1)", "top_p", "between 0 and 1"},
      {R"("top_k": 1.5)", "top_k", "an integer, not 1.5"},
      {R"("top_k": -1)", "top_k", "between 0 and"},
      {R"("seed": 1e300)", "seed", "between"},
      {R"("max_tokens": 0)", "max_tokens", "between 1 and 2147483647, not 0"},
      {R"("n_predict": 0)", "n_predict", "-1 for as many as fit, not 0"},
      {R"("json_schema": {}, "response_format": {"type": "json_object"})", "json_schema", "cannot be combined with response_format"},
      {R"("json_schema": 5)", "json_schema", "an object"},
      {R"("context_tokens": 0)", "context_tokens", "between 1 and 2147483647, not 0"},
      {R"("max_completion_tokens": 18446744073709551615)", "max_completion_tokens", "between 1"},
      {R"("stream": 1)", "stream", "true or false, not 1"},
      {R"("stream_options": [])", "stream_options", "an object"},
      {R"("stream_options": {"include_usage": "yes"})", "stream_options.include_usage", "true or false"},
      {R"("stop": 3)", "stop", "a string or an array"},
      {R"("stop": ["a", 3])", "stop", "strings, not 3"},
      {R"("stop": "")", "stop", "empty"},
      {R"("stop": ["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17"])", "stop", "at most 16 strings, not 17"},
      {R"("n": 0)", "n", "between 1 and 32, not 0"},
      {R"("n": 33)", "n", "between 1 and 32, not 33"},
      {R"("model": 3)", "model", "a string, not 3"},
      {R"("logprobs": 1)", "logprobs", "true or false, not 1"},
      {R"("top_logprobs": 5)", "top_logprobs", "needs \"logprobs\": true"},
      {R"("logprobs": true, "top_logprobs": 21)", "top_logprobs", "between 0 and 20, not 21"},
      {R"("typical_p": 1.5)", "typical_p", "between 0 and 1, not 1.5"},
      {R"("repeat_penalty": 0)", "repeat_penalty", "between 0.01 and 100, not 0"},
      {R"("presence_penalty": 3)", "presence_penalty", "between -2 and 2, not 3"},
      {R"("mirostat": 3)", "mirostat", "between 0 and 2, not 3"},
      {R"("dry_sequence_breakers": [""])", "dry_sequence_breakers", "non-empty strings"},
      {R"("ignore_eos": 1)", "ignore_eos", "true or false, not 1"},
      {R"("logit_bias": 3)", "logit_bias", "an object or an array, not 3"},
      {R"("logit_bias": {"5": 101})", "logit_bias.5", "from -100 to 100, not 101"},
      {R"("logit_bias": [[5]])", "logit_bias[0]", "[token id or text, bias]"},
      {R"("grammar": 3)", "grammar", "a string, not 3"},
      {R"("grammar": "root ::= \"a\"{5,2}")", "grammar", "the repetition {5,2}"},
      {R"("reasoning_budget": -2)", "reasoning_budget", "between -1 and"},
      {R"("response_format": {"type": "xml"})", "response_format.type", "\"json_schema\", not \"xml\""},
      {R"("response_format": {"type": "json_schema"})", "response_format.json_schema", "required"},
      {R"("response_format": {"type": "json_schema", "json_schema": {"schema": 1}})", "response_format.json_schema.schema", "an object"},
      {R"("response_format": {"type": "json_object"}, "grammar": "root ::= \"a\"")", "grammar", "cannot be combined with response_format"},
      {R"("reasoning_effort": "huge")", "reasoning_effort", "not \"huge\""},
      {R"("tools": {})", "tools", "an array"},
      {R"("tools": [{"type": "retrieval"}])", "tools[0].type", "must be \"function\""},
      {R"("tools": [{"type": "function"}])", "tools[0].function", "required"},
      {R"("tools": [{"type": "function", "function": {"name": 1}}])", "tools[0].function.name", "a string"},
      {R"("tools": [{"type": "function", "function": {"name": "f", "parameters": 1}}])", "tools[0].function.parameters", "an object"},
      {R"("tool_choice": "maybe")", "tool_choice", "must be"},
      {R"("tool_choice": "required")", "tool_choice", "offers no tools"},
      {R"("tools": [{"type": "function", "function": {"name": "f"}}], "tool_choice": "required", )"
       R"("response_format": {"type": "json_object"})",
       "response_format", "cannot be combined"},
      {R"("tools": [{"type": "function", "function": {"name": "f"}}], "grammar": "root ::= \"a\"")", "grammar", "with tools"},
      {R"("tools": [{"type": "function", "function": {"name": "f"}}], "tool_choice": {"type": "function", "function": {"name": "g"}})",
       "tool_choice.function.name", "not among"},
  };
  for (const Case& wrong : cases) {
    auto request = parse_chat_request(body(wrong.fields), {});
    ASSERT_FALSE(request) << wrong.fields;
    EXPECT_EQ(request.error().kind(), common::ErrorKind::bad_request) << wrong.fields;
    EXPECT_EQ(request.error().param(), wrong.parameter) << wrong.fields;
    EXPECT_THAT(request.error().message(), HasSubstr(wrong.words)) << wrong.fields;
  }
}

TEST(ChatRequest, ReadsEveryWayToSample) {
  auto request = parse_chat_request(
      body(R"("typical_p": 0.9, "top_n_sigma": 2, "xtc_probability": 0.5, "xtc_threshold": 0.2, "repeat_last_n": -1, "repeat_penalty": 1.1,
           "frequency_penalty": 0.5, "presence_penalty": -0.5, "dry_multiplier": 0.8, "dry_base": 2, "dry_allowed_length": 3,
           "dry_penalty_last_n": 100, "dry_sequence_breakers": ["x"], "mirostat": 2, "mirostat_tau": 4, "mirostat_eta": 0.2,
           "dynatemp_range": 0.1, "dynatemp_exponent": 1.5, "ignore_eos": true, "n": 3, "logprobs": true, "top_logprobs": 2,
           "logit_bias": {"7": -1, "word": 2}, "grammar": "root ::= \"a\"", "reasoning_budget": 9, "cache_prompt": false, "n_predict": 5)"),
      {});
  ASSERT_TRUE(request) << request.error().message();
  const GenerationRequest& read = request->generation;
  EXPECT_FLOAT_EQ(read.sampling.typical_p, 0.9f);
  EXPECT_FLOAT_EQ(read.sampling.xtc_threshold, 0.2f);
  EXPECT_EQ(read.sampling.penalty_last_n, -1);
  EXPECT_FLOAT_EQ(read.sampling.presence_penalty, -0.5f);
  EXPECT_EQ(read.sampling.dry_allowed_length, 3);
  EXPECT_EQ(read.sampling.dry_sequence_breakers, std::vector<std::string>{"x"});
  EXPECT_EQ(read.sampling.mirostat, 2);
  EXPECT_TRUE(read.sampling.ignore_eos);
  EXPECT_EQ(read.choices, 3u);
  EXPECT_EQ(read.logprobs, 2u);
  ASSERT_EQ(read.logit_bias.size(), 2u);
  EXPECT_EQ(std::get<std::int64_t>(read.logit_bias[0].what), 7);
  EXPECT_EQ(std::get<std::string>(read.logit_bias[1].what), "word");
  EXPECT_EQ(read.grammar, "root ::= \"a\"");
  EXPECT_EQ(read.reasoning_limit, 9u);
  EXPECT_FALSE(read.cache_prompt);
  EXPECT_EQ(read.max_tokens, 5u);
}

TEST(ChatRequest, RefusesAGrammarThatWouldOverflowAStack) {
  Json deep = body();
  deep["grammar"] = "root ::= " + std::string(300, '(') + "\"a\"" + std::string(300, ')');
  EXPECT_THAT(parse_chat_request(deep, {}).error().message(), HasSubstr("200 deep"));
  deep["grammar"] = "# " + std::string(300, ')') + "\n" + deep["grammar"].get<std::string>();
  EXPECT_THAT(parse_chat_request(deep, {}).error().message(), HasSubstr("200 deep"));
  deep["grammar"] = "root ::= " + std::string(70'000, 'a');
  EXPECT_THAT(parse_chat_request(deep, {}).error().message(), HasSubstr("65536 bytes"));
}

TEST(ChatRequest, RefusesABodyThatIsNoObjectOrHasNoMessages) {
  EXPECT_FALSE(parse_chat_request(Json::array(), {}));
  EXPECT_EQ(parse_chat_request(Json::object(), {}).error().param(), "messages");
  EXPECT_EQ(parse_chat_request(Json{{"messages", Json::array()}}, {}).error().param(), "messages");
  EXPECT_EQ(parse_chat_request(Json{{"messages", "Hi"}}, {}).error().param(), "messages");
}

TEST(ChatRequest, OffersNoToolsWhenTheChoiceIsNone) {
  auto request = parse_chat_request(body(R"("tools": [{"type": "function", "function": {"name": "f"}}], "tool_choice": "none")"), {});
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->conversation.tools.is_null());
}

TEST(ChatRequest, TakesNullInAToolForAbsent) {
  auto request = parse_chat_request(
      body(R"("tools": [{"type": "function", "function": {"description": null, "name": "now", "parameters": null, "strict": null}}])"), {});
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_EQ(request->conversation.tools, common::parse_json(R"([{"type": "function", "function": {"name": "now"}}])").value());
  request = parse_chat_request(
      body(R"("tools": [{"type": "function", "function": {"name": "now", "parameters": {"properties": null}}}])"), {});
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_TRUE(request->conversation.tools[0]["function"]["parameters"].contains("properties")) << "a schema is the caller's own";
}

TEST(ChatRequest, ReadsWhatTheAnswerIsHeldTo) {
  const std::string tools = R"("tools": [{"type": "function", "function": {"name": "f", "strict": true}}], )";
  auto required = parse_chat_request(body((tools + R"("tool_choice": "required", "parallel_tool_calls": false)").c_str()), {});
  ASSERT_TRUE(required) << required.error().message();
  EXPECT_TRUE(required->tool_choice.required);
  EXPECT_TRUE(required->tool_choice.strict);
  EXPECT_FALSE(required->tool_choice.parallel);
  auto named = parse_chat_request(body((tools + R"("tool_choice": {"type": "function", "function": {"name": "f"}})").c_str()), {});
  ASSERT_TRUE(named) << named.error().message();
  EXPECT_EQ(named->tool_choice.name, "f");
  auto schema = parse_chat_request(
      body(R"("response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}})"), {});
  ASSERT_TRUE(schema && schema->format && schema->format->schema);
  EXPECT_EQ(*schema->format->schema, (Json{{"type", "object"}}));
  EXPECT_EQ(schema->format->field, "response_format.json_schema.schema");
  auto theirs = parse_chat_request(body(R"("json_schema": {"type": "array"})"), {});
  ASSERT_TRUE(theirs && theirs->format && theirs->format->schema);
  EXPECT_EQ(*theirs->format->schema, (Json{{"type", "array"}}));
  EXPECT_EQ(theirs->format->field, "json_schema");
  auto object = parse_chat_request(body(R"("response_format": {"type": "json_object"})"), {});
  ASSERT_TRUE(object && object->format);
  EXPECT_FALSE(object->format->schema);
}

Json messages(const char* text) { return common::parse_json(text).value(); }

TEST(Messages, BringsEveryShapeOfContentIntoOne) {
  auto read = parse_messages(messages(R"([
      {"role": "developer", "content": "Be brief."},
      {"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]},
      {"role": "assistant", "content": null, "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
      {"role": "tool", "tool_call_id": "c", "content": "3"},
      {"role": "user", "content": ""}])"));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->list[0], (Json{{"role", "system"}, {"content", "Be brief."}}));
  EXPECT_EQ(read->list[1]["content"], "one\ntwo");
  EXPECT_TRUE(read->list[2]["content"].is_null());
  EXPECT_EQ(read->list[2]["tool_calls"][0]["function"]["name"], "f");
  EXPECT_EQ(read->list[3]["tool_call_id"], "c");
}

TEST(Messages, KeepsImagesAndMarksTheirPlaces) {
  auto read = parse_messages(messages(R"([
      {"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"},
                                   {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUI="}},
                                   {"type": "text", "text": "three"}, {"type": "text", "text": "four"}]},
      {"role": "user", "content": [{"type": "image_url", "image_url": "data:image/jpeg;base64,Q0RF"}]}])"));
  ASSERT_TRUE(read) << read.error().message();
  ASSERT_EQ(read->images.size(), 2u);
  EXPECT_GT(read->images[0].marker.size(), 20u) << "nobody may guess it";
  EXPECT_NE(read->images[0].marker, read->images[1].marker);
  EXPECT_EQ(read->list[0]["content"], "one\ntwo" + read->images[0].marker + "three\nfour");
  EXPECT_EQ(read->list[1]["content"], read->images[1].marker);
  EXPECT_EQ(read->images[0].file, "AB");
  EXPECT_EQ(read->images[0].path, "messages[0].content[2].image_url");
  EXPECT_EQ(read->images[1].file, "CDE");
}

TEST(Messages, RefusesWhatItCannotReadByItsPath) {
  const Case cases[] = {
      {R"(["Hi"])", "messages[0]", "an object"},
      {R"([{"content": "Hi"}])", "messages[0].role", "required"},
      {R"([{"role": "user", "content": "a"}, {"role": "robot", "content": "Hi"}])", "messages[1].role", "not \"robot\""},
      {R"([{"role": "user", "content": 3}])", "messages[0].content", "not 3"},
      {R"([{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "input_audio", "input_audio": {"data": "x"}}]}])",
       "messages[0].content[1].type", "not \"input_audio\""},
      {R"([{"role": "user", "content": [{"type": "image_url"}]}])", "messages[0].content[0].image_url", "required"},
      {R"([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": 3}}]}])", "messages[0].content[0].image_url.url",
       "must be a string"},
      {R"([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]}])",
       "messages[0].content[0].image_url.url", "not fetched"},
      {R"([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png,abc"}}]}])",
       "messages[0].content[0].image_url.url", "base64"},
      {R"([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,a-b_"}}]}])",
       "messages[0].content[0].image_url.url", "no image in base64"},
      {R"([{"role": "user", "content": [{"type": "text"}]}])", "messages[0].content[0].text", "required"},
      {R"([{"role": "assistant", "tool_calls": [{"type": "function"}]}])", "messages[0].tool_calls[0].function", "required"},
      {R"([{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": {}}}]}])",
       "messages[0].tool_calls[0].function.arguments", "a string, not an object"},
  };
  for (const Case& wrong : cases) {
    auto read = parse_messages(messages(wrong.fields));
    ASSERT_FALSE(read) << wrong.fields;
    EXPECT_EQ(read.error().param(), wrong.parameter) << wrong.fields;
    EXPECT_THAT(read.error().message(), HasSubstr(wrong.words)) << wrong.fields;
  }
}

TEST(CompletionRequest, TakesOneStringOrOneRunOfTokens) {
  EXPECT_EQ(std::get<std::string>(parse_completion_request(Json{{"prompt", "a"}}, {})->prompt), "a");
  EXPECT_EQ(std::get<std::string>(parse_completion_request(Json{{"prompt", {"a"}}}, {})->prompt), "a");
  EXPECT_EQ(std::get<std::vector<engine::Token>>(parse_completion_request(Json{{"prompt", {1, 2}}}, {})->prompt).size(), 2u);
}

TEST(CompletionRequest, RefusesOtherPrompts) {
  for (const char* text : {R"({})", R"({"prompt": ["a", "b"]})", R"({"prompt": []})", R"({"prompt": [1, "b"]})", R"({"prompt": [1, -2]})",
                           R"({"prompt": [[1]]})"}) {
    auto request = parse_completion_request(common::parse_json(text).value(), {});
    ASSERT_FALSE(request) << text;
    EXPECT_EQ(request.error().param(), "prompt") << text;
  }
  auto both = parse_completion_request(Json{{"prompt", "a"}, {"echo", true}, {"logprobs", 5}}, {});
  ASSERT_TRUE(both) << both.error().message();
  EXPECT_TRUE(both->generation.prompt_logprobs);
  EXPECT_FALSE(both->generation.cache_prompt) << "a cached token has no logits";
  EXPECT_EQ(parse_completion_request(Json{{"prompt", "a"}, {"n", 2}, {"best_of", 3}}, {}).error().param(), "best_of");
}

}  // namespace
}  // namespace worker::serve
