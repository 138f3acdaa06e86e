#include "worker/chat/adapt.hpp"

#include <cstdint>
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

// How a call is written where the template cannot: in the family's JSON, else in the one that every small model has seen.
const CallPattern* own_pattern(Family family) {
  const FamilyTraits& of = traits(family);
  bool json = !of.xml && of.pattern.before_name.ends_with("\"name\": \"");
  return json && family != Family::hermes && family != Family::generic ? &of.pattern : nullptr;
}

void describe_tools(Json& messages, const Json& tools, Family family) {
  std::string text =
      "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
      "You are provided with function signatures within <tools></tools> XML tags:\n<tools>";
  for (const Json& tool : tools) text += "\n" + common::dump_json(tool);
  if (const CallPattern* own = own_pattern(family)) {
    std::string name = own->before_name.substr(0, own->before_name.size() - 1), then = own->after_name.substr(1);
    text += "\n</tools>\n\nFor a function call, answer with a json object with function name and arguments, and nothing else:\n" +
            own->begin + name + "<function-name>" + then + "<args-json-object>" + own->after_arguments + own->end;
  } else {
    text +=
        "\n</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML "
        "tags:\n<tool_call>\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call>";
  }
  if (!messages.empty() && messages[0]["role"] == "system") {
    messages[0]["content"] = text_of(messages[0]) + "\n\n" + text;
  } else {
    messages.insert(messages.begin(), Json{{"role", "system"}, {"content", text}});
  }
}

void write_calls_in(Json& message, const CallPattern& pattern) {
  std::string text = text_of(message);
  if (!text.empty()) text += "\n";
  text += pattern.begin;
  bool first = true;
  for (const Json& call : message["tool_calls"]) {
    const Json& function = call["function"];
    if (!std::exchange(first, false)) text += pattern.between;
    text += pattern.before_name + function["name"].get<std::string>() + pattern.after_name +
            common::dump_json(arguments_as_object(function["arguments"])) + pattern.after_arguments;
  }
  message["content"] = text + pattern.end;
  message.erase("tool_calls");
}

void write_calls_out(Json& message, Family family) {
  if (const CallPattern* own = own_pattern(family)) return write_calls_in(message, *own);
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

// Nine letters or digits made from any id, always the same ones: a call and its result must still meet.
std::string nine_letters(const std::string& id) {
  static constexpr std::string_view kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  bool fits = id.size() == 9 && id.find_first_not_of(kAlphabet) == std::string::npos;
  if (fits) return id;
  std::uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  std::string made;
  for (int i = 0; i < 9; ++i) {
    made += kAlphabet[hash % kAlphabet.size()];
    hash /= kAlphabet.size();
  }
  return made;
}

void shorten_ids(Json& message) {
  auto shorten = [](Json& object, const char* name) {
    auto id = object.find(name);
    if (id != object.end() && id->is_string()) *id = nine_letters(id->get<std::string>());
  };
  shorten(message, "tool_call_id");
  if (!message.contains("tool_calls")) return;
  for (Json& call : message["tool_calls"]) shorten(call, "id");
}

// gpt-oss takes an earlier thought only beside a call, and refuses a message that has text as well.
void rename_thought(Json& message) {
  bool only_calls = message.contains("tool_calls") && text_of(message).empty();
  if (message.contains("reasoning_content") && only_calls) message["thinking"] = message["reasoning_content"];
}

}  // namespace

Conversation adapt(Conversation conversation, const TemplateSkills& skills, Family family) {
  Json& messages = conversation.messages;
  bool has_tools = conversation.tools.is_array() && !conversation.tools.empty();
  for (Json& message : messages) {
    if (skills.nine_letter_ids) shorten_ids(message);
    if (skills.thinking_field) rename_thought(message);
    if (message["role"] == "tool" && !skills.tool_results) {
      write_result_out(message);
    } else if (message.contains("tool_calls")) {
      if (!skills.tool_calls) {
        write_calls_out(message, family);
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
    describe_tools(messages, conversation.tools, family);
    conversation.tools = nullptr;
  }
  return conversation;
}

}  // namespace worker::chat
