#include "worker/chat/chat_template.hpp"

#include <gmock/gmock.h>

#include "tests/support/tiny_model.hpp"

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
