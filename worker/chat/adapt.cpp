#include "worker/chat/adapt.hpp"

#include <utility>

namespace worker::chat {
namespace {

using common::Json;

std::string text_of(const Json& message) {
  auto content = message.find("content");
  return content != message.end() && content->is_string() ? content->get<std::string>() : std::string();
}

// Arguments come as a string of JSON. One that is no object (or nested beyond reason) stays the string it is.
Json arguments_as_object(const Json& arguments) {
  if (!arguments.is_string()) return arguments;
  auto parsed = common::parse_json(arguments.get_ref<const std::string&>());
  return parsed && parsed->is_object() ? std::move(*parsed) : arguments;
}

void describe_tools(Json& messages, const Json& tools) {
  std::string text =
      "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
      "You are provided with function signatures within <tools></tools> XML tags:\n<tools>";
  for (const Json& tool : tools) text += "\n" + common::dump_json(tool);
  text +=
      "\n</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML "
      "tags:\n<tool_call>\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call>";
  if (!messages.empty() && messages[0]["role"] == "system") {
    messages[0]["content"] = text_of(messages[0]) + "\n\n" + text;
  } else {
    messages.insert(messages.begin(), Json{{"role", "system"}, {"content", text}});
  }
}

void write_calls_out(Json& message) {
  std::string text = text_of(message);
  for (const Json& call : message["tool_calls"]) {
    Json written{{"name", call["function"]["name"]}, {"arguments", arguments_as_object(call["function"]["arguments"])}};
    if (!text.empty()) text += "\n";
    text += "<tool_call>\n" + common::dump_json(written) + "\n</tool_call>";
  }
  message["content"] = text;
  message.erase("tool_calls");
}

void write_result_out(Json& message) {
  std::string text = "<tool_response>\n" + text_of(message) + "\n</tool_response>";
  message = Json{{"role", "user"}, {"content", text}};
}

}  // namespace

Conversation adapt(Conversation conversation, const TemplateSkills& skills) {
  Json& messages = conversation.messages;
  bool has_tools = conversation.tools.is_array() && !conversation.tools.empty();
  for (Json& message : messages) {
    if (message["role"] == "tool" && !skills.tool_results) {
      write_result_out(message);
    } else if (message.contains("tool_calls")) {
      if (!skills.tool_calls) {
        write_calls_out(message);
      } else if (skills.object_arguments) {
        for (Json& call : message["tool_calls"]) {
          Json& arguments = call["function"]["arguments"];
          arguments = arguments_as_object(arguments);
        }
      }
    }
    if (skills.content_required && message["content"].is_null()) message["content"] = "";
  }
  if (has_tools && !skills.tools) {
    describe_tools(messages, conversation.tools);
    conversation.tools = nullptr;
  }
  return conversation;
}

}  // namespace worker::chat
