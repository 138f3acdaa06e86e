// What answers are held to, over the worker's HTTP surface with a real (tiny, random) model: whatever it would like to say, it says this.
// A random model that happens to begin a thought would go on thinking, hence the budget.
#include <gmock/gmock.h>

#include "tests/worker/process/models.hpp"
#include "tests/worker/process/worker_process.hpp"

namespace worker {
namespace {

using common::Json;
using testing::HasSubstr;

class WorkerConstraints : public testing::Test {
 protected:
  WorkerConstraints() : worker(runner) { worker.bring_up({.model = "tiny", .path = models().small(), .context_tokens = 2048}); }
  Json chat(const std::string& extra) {
    Json body =
        common::parse_json(R"({"messages": [{"role": "user", "content": "hello"}], "max_tokens": 400, "seed": 3, "reasoning_budget": 4})")
            .value();
    body.update(common::parse_json("{" + extra + "}").value());
    return worker.json("POST", "/v1/chat/completions", body.dump());
  }
  std::string refusal(const std::string& extra) {
    return worker.call("POST", "/v1/chat/completions", R"({"messages": [{"role": "user", "content": "hello"}], )" + extra + "}").body;
  }
  static constexpr const char* kTools = R"("tools": [
      {"type": "function", "function": {"name": "lock", "parameters": {"type": "object", "properties": {"door": {"enum": ["a", "b"]},
          "twice": {"type": "boolean"}}, "required": ["door", "twice"], "additionalProperties": false}}},
      {"type": "function", "function": {"name": "wait"}}], )";

  tests::LoopRunner runner;
  WorkerProcess worker;
};

TEST_F(WorkerConstraints, AJsonObjectIsOne) {
  // A random model may never close its quotes: what came is at least the beginning of an object.
  std::string text = chat(R"("response_format": {"type": "json_object"})")["choices"][0]["message"]["content"];
  EXPECT_EQ(text.front(), '{');
}

TEST_F(WorkerConstraints, ASchemaHolds) {
  Json answer = chat(R"("response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object", "properties":
      {"ok": {"type": "boolean"}, "level": {"type": "integer", "minimum": 3, "maximum": 5}}, "required": ["ok", "level"],
      "additionalProperties": false}}})");
  Json value = common::parse_json(answer["choices"][0]["message"]["content"].get<std::string>()).value();
  EXPECT_TRUE(value["ok"].is_boolean());
  EXPECT_GE(value["level"].get<int>(), 3);
  EXPECT_LE(value["level"].get<int>(), 5);
  EXPECT_EQ(answer["choices"][0]["finish_reason"], "stop");
}

TEST_F(WorkerConstraints, ASchemaThatCannotBeHeldIsRefusedByItsKeyword) {
  EXPECT_THAT(refusal(R"("response_format": {"type": "json_schema", "json_schema": {"schema": {"properties": {"a": {"contains": {}}}}}})"),
              testing::AllOf(HasSubstr("#/properties/a/contains"), HasSubstr("response_format.json_schema.schema")));
}

TEST_F(WorkerConstraints, ARequiredCallIsMade) {
  for (const char* seed : {"1", "2", "3", "4"}) {
    Json answer = chat(kTools + std::string(R"("tool_choice": "required", "parallel_tool_calls": false, "seed": )") + seed);
    const Json& message = answer["choices"][0]["message"];
    ASSERT_EQ(message["tool_calls"].size(), 1u) << answer.dump();
    std::string name = message["tool_calls"][0]["function"]["name"];
    EXPECT_THAT(name, testing::AnyOf("lock", "wait"));
    Json arguments = common::parse_json(message["tool_calls"][0]["function"]["arguments"].get<std::string>()).value();
    if (name == "lock") {
      EXPECT_TRUE(arguments["twice"].is_boolean());
    }
    EXPECT_TRUE(message["content"].is_null());
    EXPECT_EQ(answer["choices"][0]["finish_reason"], "tool_calls");
  }
}

TEST_F(WorkerConstraints, ANamedToolIsTheOneCalled) {
  Json answer = chat(kTools + std::string(R"("tool_choice": {"type": "function", "function": {"name": "lock"}})"));
  const Json& calls = answer["choices"][0]["message"]["tool_calls"];
  ASSERT_EQ(calls.size(), 1u) << answer.dump();
  EXPECT_EQ(calls[0]["function"]["name"], "lock");
  EXPECT_THAT(common::parse_json(calls[0]["function"]["arguments"].get<std::string>()).value()["door"].get<std::string>(),
              testing::AnyOf("a", "b"));
}

TEST_F(WorkerConstraints, ACallersGrammarHoldsAfterTheThoughtThatTheTemplateOpened) {
  // White space may come between the two, and at this temperature it comes to an end.
  const std::string grammar = R"("grammar": "root ::= \"yes\" | \"no\"", "enable_thinking": true, "temperature": 2, "reasoning_budget": )";
  for (const char* budget : {"0", "1", "4"}) {
    Json answer = chat(grammar + budget);
    ASSERT_TRUE(answer["choices"][0]["message"]["content"].is_string()) << answer.dump();
    std::string content = answer["choices"][0]["message"]["content"];
    content.erase(0, content.find_first_not_of(" \t\r\n"));
    EXPECT_THAT(content, testing::AnyOf("yes", "no")) << answer.dump();
    EXPECT_EQ(answer["choices"][0]["finish_reason"], "stop");
  }
}

TEST_F(WorkerConstraints, AGrammarThatCannotBeParsedIsRefused) {
  EXPECT_THAT(refusal(R"("grammar": "root ::= (")"), testing::AllOf(HasSubstr("the grammar cannot be parsed"), HasSubstr("\"grammar\"")));
  EXPECT_THAT(refusal(R"("grammar": "leaf ::= \"a\"")"), HasSubstr("no rule named root"));
}

TEST_F(WorkerConstraints, SeveralChoicesAreSeveralAnswers) {
  Json answer = chat(R"("n": 3, "max_tokens": 20, "logprobs": true, "top_logprobs": 2)");
  ASSERT_EQ(answer["choices"].size(), 3u);
  EXPECT_NE(answer["choices"][0]["message"]["content"], answer["choices"][1]["message"]["content"]);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(answer["choices"][i]["index"], i);
    ASSERT_EQ(answer["choices"][i]["logprobs"]["content"].size(), 20u);
    EXPECT_EQ(answer["choices"][i]["logprobs"]["content"][0]["top_logprobs"].size(), 2u);
  }
  EXPECT_EQ(answer["usage"]["completion_tokens"], 60);
  EXPECT_EQ(chat(R"("max_tokens": 20)")["choices"][0]["message"]["content"], answer["choices"][0]["message"]["content"])
      << "the first choice is what a request for one would get";
}

}  // namespace
}  // namespace worker
