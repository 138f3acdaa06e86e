#include "worker/chat/chat_template.hpp"

#include <gmock/gmock.h>

#include "tests/support/tiny_model.hpp"
#include "worker/chat/template_source.hpp"

namespace worker::chat {
namespace {

using common::Json;
using testing::HasSubstr;
using testing::Not;

Json tools() {
  return Json::array(
      {{{"type", "function"}, {"function", {{"name", "add"}, {"description", "Adds."}, {"parameters", {{"type", "object"}}}}}}});
}

Json conversation_with_a_call() {
  Json call{{"id", "call_1"}, {"type", "function"}, {"function", {{"name", "add"}, {"arguments", "{\"a\": \"x\\\"y\"}"}}}};
  return Json::array({{{"role", "user"}, {"content", "add"}},
                      {{"role", "assistant"}, {"content", nullptr}, {"tool_calls", Json::array({call})}},
                      {{"role", "tool"}, {"content", "3"}, {"tool_call_id", "call_1"}}});
}

Prompt render(const std::string& source, Conversation conversation) {
  auto parsed = ChatTemplate::parse(source, "<s>", "<|im_end|>");
  EXPECT_TRUE(parsed) << parsed.error().message();
  auto prompt = parsed->render(std::move(conversation));
  EXPECT_TRUE(prompt) << prompt.error().message();
  return prompt ? *prompt : Prompt{};
}

TEST(ChatTemplate, RendersMessagesAndOpensTheAnswer) {
  Json messages = Json::array({{{"role", "system"}, {"content", "Be brief."}}, {{"role", "user"}, {"content", "Hi"}}});
  const char* wanted = "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n";
  EXPECT_EQ(render(support::tiny_chat_template(), {.messages = messages}).text, wanted);
  EXPECT_EQ(render("", {.messages = messages}).text, wanted) << "the fallback for a file without a template";
}

TEST(ChatTemplate, RendersToolsCallsAndResults) {
  std::string text = render(support::tiny_chat_template(), {.messages = conversation_with_a_call(), .tools = tools()}).text;
  EXPECT_THAT(text, HasSubstr("\"name\": \"add\""));
  // The arguments came as a string of JSON; the template writes them as an object, not as a string within a string.
  EXPECT_THAT(text, HasSubstr("<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": \"x\\\"y\"}}\n</tool_call>"));
  EXPECT_THAT(text, HasSubstr("<tool_response>\n3\n</tool_response>"));
}

TEST(ChatTemplate, SaysToolsInWordsWhereTheTemplateKnowsNone) {
  std::string text = render("", {.messages = conversation_with_a_call(), .tools = tools()}).text;
  EXPECT_THAT(text, HasSubstr("<|im_start|>system\n# Tools"));
  EXPECT_THAT(text, HasSubstr("\"name\":\"add\""));
  EXPECT_THAT(text,
              HasSubstr("<|im_start|>assistant\n<tool_call>\n{\"name\":\"add\",\"arguments\":{\"a\":\"x\\\"y\"}}\n</tool_call><|im_end|>"));
  EXPECT_THAT(text, HasSubstr("<|im_start|>user\n<tool_response>\n3\n</tool_response><|im_end|>"));
}

TEST(ChatTemplate, SaysNothingOfToolsWhenThereAreNone) {
  Json messages = Json::array({{{"role", "user"}, {"content", "Hi"}}});
  EXPECT_THAT(render("", {.messages = messages}).text, Not(HasSubstr("Tools")));
}

TEST(ChatTemplate, NoticesThatThePromptOpensReasoning) {
  Json messages = Json::array({{{"role", "user"}, {"content", "Hi <think>"}}});
  EXPECT_TRUE(render(support::tiny_chat_template(), {.messages = messages, .variables = Json{{"enable_thinking", true}}}).in_reasoning);
  EXPECT_FALSE(render(support::tiny_chat_template(), {.messages = messages}).in_reasoning);
}

TEST(ChatTemplate, TellsHowItThinks) {
  auto opens_when_asked = ChatTemplate::parse(support::tiny_chat_template(), "", "");
  ASSERT_TRUE(opens_when_asked);
  EXPECT_EQ(opens_when_asked->family(), Family::hermes);
  EXPECT_TRUE(opens_when_asked->thinking().thinks);
  EXPECT_FALSE(opens_when_asked->thinking().opens);
  EXPECT_TRUE(opens_when_asked->thinking().can_be_enabled);
  EXPECT_FALSE(opens_when_asked->thinking().has_efforts);
  EXPECT_EQ(opens_when_asked->end_of_thought(), "\n</think>\n\n");
  auto opens = ChatTemplate::parse("{{ messages[0].content }}[THINK]{{ reasoning_effort }}[TOOL_CALLS]", "", "", Family::mistral);
  ASSERT_TRUE(opens);
  EXPECT_TRUE(opens->thinking().has_efforts);
  EXPECT_EQ(opens->end_of_thought(), "[/THINK]");
  auto never = ChatTemplate::parse("", "", "");
  ASSERT_TRUE(never);
  EXPECT_EQ(never->end_of_thought(), std::nullopt);
}

TEST(ChatTemplate, NoticesThoughtsOpenedInOtherWays) {
  Json messages = Json::array({{{"role", "user"}, {"content", "Hi"}}});
  EXPECT_TRUE(render("{{ messages[0].content }}<seed:tool_call><seed:think>\n", {.messages = messages}).in_reasoning);
  EXPECT_TRUE(render("<|START_ACTION|>{{ messages[0].content }}<|START_THINKING|>", {.messages = messages}).in_reasoning);
  EXPECT_FALSE(render("<tool_call>{{ messages[0].content }}<think>\n\n</think>\n\n", {.messages = messages}).in_reasoning);
}

TEST(ChatTemplate, GivesCallsTheIdsThatATemplateInsistsOn) {
  const std::string source =
      "[TOOL_CALLS]{% for m in messages %}{% for c in m.tool_calls or [] %}{% if c.id|length != 9 %}{{ raise_exception('must have length "
      "9') }}"
      "{% endif %}<{{ c.id }}>{{ c.function.arguments | tojson }}{% endfor %}{% if m.role == 'tool' %}({{ m.tool_call_id }}){% endif %}"
      "{{ m.content }}{% endfor %}";
  std::string text = render(source, {.messages = conversation_with_a_call()}).text;
  std::string id = text.substr(text.find('<') + 1, 9);
  EXPECT_EQ(id.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"), std::string::npos) << text;
  EXPECT_THAT(text, HasSubstr("(" + id + ")"));
}

TEST(ChatTemplate, SaysToolsInTheWordsOfTheFamily) {
  const std::string gemma = "{% for m in messages %}<start_of_turn>{{ m.role }}\n{{ m.content }}<end_of_turn>\n{% endfor %}";
  std::string text = render(gemma, {.messages = conversation_with_a_call(), .tools = tools()}).text;
  EXPECT_THAT(text, HasSubstr("{\"name\": <function-name>, \"parameters\": <args-json-object>}"));
  EXPECT_THAT(text, HasSubstr("{\"name\": \"add\", \"parameters\": {\"a\":\"x\\\"y\"}}<end_of_turn>"));
}

TEST(ForMinja, RewritesOnlyWhatMinjaDoesNotUnderstand) {
  EXPECT_EQ(for_minja("a f(x).b {{ f(x).b('}}') }}"), "a f(x).b {{ (f(x)).b('}}') }}");
  EXPECT_EQ(for_minja("{% set a = g(f(x).y)['k'].z(1).w %}"), "{% set a = g((f(x)).y)['k'].z(1).w %}");
  EXPECT_EQ(for_minja("{{ a.b(x).c('f(x).y') }}{# f(x).y #}"), "{{ a.b(x).c('f(x).y') }}{# f(x).y #}");
  EXPECT_EQ(for_minja("{{ a | tojson(ensure_ascii=False) }}{{ b | tojson(indent=4, ensure_ascii=False) }}"),
            "{{ a | tojson }}{{ b | tojson(indent=4) }}");
  EXPECT_EQ(for_minja("{%- macro f(x) %}a{% endmacro %}{{ f(1) }} \n"),
            "{%- macro f(x) %}a{% endmacro %}{{ f(1) }} {{ '' }}{% set f = none %}");
  EXPECT_EQ(for_minja("{{ unfinished"), "{{ unfinished");
}

TEST(Thinking, IsWishedForInEveryNameThatTemplatesKnow) {
  EXPECT_EQ(with_thinking(nullptr, {}), nullptr);
  EXPECT_EQ(with_thinking(nullptr, {.effort = "high"}),
            (Json{{"reasoning_effort", "high"}, {"enable_thinking", true}, {"thinking", true}}));
  EXPECT_EQ(with_thinking(nullptr, {.effort = "none"}),
            (Json{{"reasoning_effort", "low"}, {"enable_thinking", false}, {"thinking", false}}));
  EXPECT_EQ(with_thinking(Json{{"enable_thinking", true}}, {.enabled = false}), (Json{{"enable_thinking", true}, {"thinking", false}}));
}

TEST(ChatTemplate, ARefusalByTheTemplateIsTheCallersError) {
  auto parsed = ChatTemplate::parse("{{ raise_exception('roles must alternate') }}", "", "");
  ASSERT_TRUE(parsed);
  auto prompt = parsed->render({.messages = Json::array({{{"role", "user"}, {"content", "Hi"}}})});
  ASSERT_FALSE(prompt);
  EXPECT_EQ(prompt.error().kind(), common::ErrorKind::bad_request);
  EXPECT_THAT(prompt.error().message(), HasSubstr("roles must alternate"));
}

TEST(ChatTemplate, ATemplateThatCannotBeParsedIsTheFilesError) {
  auto parsed = ChatTemplate::parse("{% for %}", "", "");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().kind(), common::ErrorKind::bad_model_file);
}

TEST(ChatTemplate, BearsArgumentsNestedBeyondReason) {
  std::string deep(100000, '[');
  Json messages = conversation_with_a_call();
  messages[1]["tool_calls"][0]["function"]["arguments"] = deep;
  EXPECT_THAT(render(support::tiny_chat_template(), {.messages = messages, .tools = tools()}).text, HasSubstr(deep));
}

}  // namespace
}  // namespace worker::chat
