#include "worker/chat/tool_markup.hpp"

#include "common/json.hpp"

namespace worker::chat {

std::size_t object_length(std::string_view text) {
  if (text.empty()) return std::string_view::npos;
  if (text.front() != '{') return 0;
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

std::optional<ToolCall> parse_call(std::string_view object) {
  auto parsed = common::parse_json(object);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  auto name = parsed->find("name");
  if (name == parsed->end() || !name->is_string() || name->get_ref<const std::string&>().empty()) return std::nullopt;
  ToolCall call{.name = name->get<std::string>(), .arguments = "{}"};
  auto arguments = parsed->find("arguments");
  if (arguments == parsed->end()) arguments = parsed->find("parameters");
  if (arguments == parsed->end() || arguments->is_null()) return call;
  if (arguments->is_string()) {
    auto inner = common::parse_json(arguments->get_ref<const std::string&>());
    if (!inner || !inner->is_object()) return std::nullopt;
    call.arguments = arguments->get<std::string>();
  } else if (arguments->is_object()) {
    call.arguments = common::dump_json(*arguments);
  } else {
    return std::nullopt;
  }
  return call;
}

}  // namespace worker::chat
