// parse_messages: the part of a chat request with the most shapes.
#include <format>
#include <random>

#include "worker/serve/base64.hpp"
#include "worker/serve/fields.hpp"
#include "worker/serve/request.hpp"

namespace worker::serve {

using common::ErrorKind;
using common::Json;
using common::Result;

namespace {

// What stands for the image in the text. Nobody who writes a request can know it.
std::string unguessable_marker() {
  std::random_device random;
  return std::format("<__image_{:08x}{:08x}__>", random(), random());
}

// The bytes of a data: URL (RFC 2397). Nothing is fetched: an address in a request must not make this machine call others.
std::optional<std::string> read_data_url(Fields& part, const std::string& name, const Json& given) {
  if (!given.is_string()) return part.refuse(name, "must be a string, not " + shown(given)), std::nullopt;
  const auto& url = given.get_ref<const std::string&>();
  if (!url.starts_with("data:"))
    return part.refuse(name, "must be a data: URL, not " + shown(given) + ": images are not fetched from elsewhere"), std::nullopt;
  const std::string_view whole = url;
  const auto comma = whole.find(',');
  if (comma == std::string_view::npos || !whole.substr(0, comma).ends_with(";base64"))
    return part.refuse(name, "must be of the form data:image/png;base64,... and not " + shown(given)), std::nullopt;
  auto bytes = from_base64(whole.substr(comma + 1));
  if (!bytes || bytes->empty()) return part.refuse(name, "holds no image in base64 after its comma"), std::nullopt;
  return bytes;
}

// As OpenAI has it, in an object, or as others do, by itself.
std::optional<std::string> read_image(Fields& part) {
  const Json* given = part.find("image_url");
  if (!given) return part.refuse("image_url", "is required"), std::nullopt;
  if (!given->is_object()) return read_data_url(part, "image_url", *given);
  auto url = given->find("url");
  if (url == given->end()) return part.refuse("image_url.url", "is required"), std::nullopt;
  return read_data_url(part, "image_url.url", *url);
}

// String, null, or an array of parts. Texts are joined by line breaks, but for those that come after an image.
Json read_content(Fields& message, Messages& all) {
  const Json* content = message.find("content");
  if (!content) return nullptr;
  if (content->is_string()) return *content;
  if (!content->is_array())
    return message.refuse("content", "must be a string, null or an array of parts, not " + shown(*content)), nullptr;
  std::string text;
  bool after_image = false;
  for (std::size_t i = 0; i < content->size(); ++i) {
    std::string name = std::format("content[{}]", i);
    if (!(*content)[i].is_object()) return message.refuse(name, "must be an object, not " + shown((*content)[i])), nullptr;
    Fields part((*content)[i], message.path_of(name));
    std::string type = part.string("type").value_or("");
    if (type == "image_url") {
      if (auto file = read_image(part)) {
        all.images.push_back({.path = part.path_of("image_url"), .file = std::move(*file), .marker = unguessable_marker()});
        text += all.images.back().marker;
      }
    } else {
      auto words = type == "text" ? part.string("text") : type == "refusal" ? part.string("refusal") : std::nullopt;
      if (!part.fault() && type != "text" && type != "refusal") {
        part.refuse("type", "must be \"text\" or \"image_url\", not " + shown(type));
      } else if (!words) {
        part.refuse(type, "is required");
      }
      if (!text.empty() && !after_image) text += "\n";
      text += words.value_or("");
    }
    if (part.fault()) return message.refuse(*part.fault()), nullptr;
    after_image = type == "image_url";
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

Json read_message(Fields& message, Messages& all) {
  auto role = message.string("role");
  if (!role) return message.refuse("role", "is required"), nullptr;
  if (*role == "developer") role = "system";
  if (*role != "system" && *role != "user" && *role != "assistant" && *role != "tool") {
    return message.refuse("role", "must be system, developer, user, assistant or tool, not " + shown(*role)), nullptr;
  }
  Json read{{"role", *role}, {"content", read_content(message, all)}};
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

Result<Messages> parse_messages(const Json& messages) {
  if (messages.empty()) return common::fail(common::Error(ErrorKind::bad_request, "messages must not be empty").in("messages"));
  Messages read{.list = Json::array(), .images = {}};
  for (std::size_t i = 0; i < messages.size(); ++i) {
    std::string path = std::format("messages[{}]", i);
    if (!messages[i].is_object()) {
      return common::fail(common::Error(ErrorKind::bad_request, path + " must be an object, not " + shown(messages[i])).in(path));
    }
    Fields message(messages[i], path);
    Json one = read_message(message, read);
    if (message.fault()) return common::fail(*message.fault());
    read.list.push_back(std::move(one));
  }
  return read;
}

}  // namespace worker::serve
