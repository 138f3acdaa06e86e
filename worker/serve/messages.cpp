// parse_messages: the part of a chat request with the most shapes.
#include <format>

#include "worker/serve/fields.hpp"
#include "worker/serve/request.hpp"

namespace worker::serve {

using common::ErrorKind;
using common::Json;
using common::Result;

namespace {

// String, null, or an array of text parts, which are joined by line breaks.
Json read_content(Fields& message) {
  const Json* content = message.find("content");
  if (!content) return nullptr;
  if (content->is_string()) return *content;
  if (!content->is_array())
    return message.refuse("content", "must be a string, null or an array of parts, not " + shown(*content)), nullptr;
  std::string text;
  for (std::size_t i = 0; i < content->size(); ++i) {
    std::string name = std::format("content[{}]", i);
    if (!(*content)[i].is_object()) return message.refuse(name, "must be an object, not " + shown((*content)[i])), nullptr;
    Fields part((*content)[i], message.path_of(name));
    std::string type = part.string("type").value_or("");
    auto words = type == "text" ? part.string("text") : type == "refusal" ? part.string("refusal") : std::nullopt;
    if (!part.fault() && type != "text" && type != "refusal") {
      part.refuse("type", "must be \"text\", not " + shown(type) + ": this model reads text only");
    } else if (!words) {
      part.refuse(type, "is required");
    }
    if (part.fault()) return message.refuse(*part.fault()), nullptr;
    if (!text.empty()) text += "\n";
    text += *words;
  }
  return text;
}

// Only what a template looks at.
Json read_tool_calls(Fields& message, const Json& calls) {
  Json read = Json::array();
  for (std::size_t i = 0; i < calls.size(); ++i) {
    std::string name = std::format("tool_calls[{}]", i);
    if (!calls[i].is_object()) return message.refuse(name, "must be an object, not " + shown(calls[i])), nullptr;
    Fields call(calls[i], message.path_of(name));
    std::string type = call.string("type").value_or("function");
    std::string id = call.string("id").value_or("");
    const Json* function = call.object("function");
    if (type != "function") call.refuse("type", "must be \"function\", not " + shown(type));
    if (!function) call.refuse("function", "is required");
    if (call.fault()) return message.refuse(*call.fault()), nullptr;
    Fields inner(*function, call.path_of("function"));
    auto function_name = inner.string("name");
    auto arguments = inner.string("arguments");
    if (!function_name) inner.refuse("name", "is required");
    if (inner.fault()) return message.refuse(*inner.fault()), nullptr;
    read.push_back(Json{{"id", id}, {"type", type}, {"function", {{"name", *function_name}, {"arguments", arguments.value_or("{}")}}}});
  }
  return read;
}

Json read_message(Fields& message) {
  auto role = message.string("role");
  if (!role) return message.refuse("role", "is required"), nullptr;
  if (*role == "developer") role = "system";
  if (*role != "system" && *role != "user" && *role != "assistant" && *role != "tool") {
    return message.refuse("role", "must be system, developer, user, assistant or tool, not " + shown(*role)), nullptr;
  }
  Json read{{"role", *role}, {"content", read_content(message)}};
  const Json* calls = *role == "assistant" ? message.array("tool_calls") : nullptr;
  if (calls && !calls->empty()) read["tool_calls"] = read_tool_calls(message, *calls);
  if (*role != "assistant" && read["content"].is_null()) read["content"] = "";
  if (*role == "assistant" && !calls && read["content"].is_null()) read["content"] = "";
  for (const char* name : {"name", "tool_call_id", "reasoning_content"}) {
    if (auto text = message.string(name)) read[name] = *text;
  }
  return read;
}

}  // namespace

Result<Json> parse_messages(const Json& messages) {
  if (messages.empty()) return common::fail(common::Error(ErrorKind::bad_request, "messages must not be empty").in("messages"));
  Json read = Json::array();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    std::string path = std::format("messages[{}]", i);
    if (!messages[i].is_object()) {
      return common::fail(common::Error(ErrorKind::bad_request, path + " must be an object, not " + shown(messages[i])).in(path));
    }
    Fields message(messages[i], path);
    Json one = read_message(message);
    if (message.fault()) return common::fail(*message.fault());
    read.push_back(std::move(one));
  }
  return read;
}

}  // namespace worker::serve
