#include "worker/chat/thinking.hpp"

#include <utility>

namespace worker::chat {

using common::Json;

Json with_thinking(Json variables, const ThinkingWish& wish) {
  if (!variables.is_object()) variables = Json::object();
  auto set = [&](const char* name, Json value) {
    if (!variables.contains(name)) variables[name] = std::move(value);
  };
  std::optional<bool> enabled = wish.enabled;
  if (wish.effort) {
    bool none = *wish.effort == "none";
    if (!enabled) enabled = !none;
    // Templates that know efforts know three.
    if (none || *wish.effort == "minimal") set("reasoning_effort", "low");
    else if (*wish.effort == "xhigh") set("reasoning_effort", "high");
    else set("reasoning_effort", *wish.effort);
  }
  if (enabled) {
    set("enable_thinking", *enabled);
    set("thinking", *enabled);
  }
  if (variables.empty()) return nullptr;
  return variables;
}

bool ends_in_thought(std::string_view prompt, const FamilyTraits& family) {
  auto trimmed = [](std::string_view text) { return text.substr(0, text.find_last_not_of(" \t\r\n") + 1); };
  prompt = trimmed(prompt);
  for (const Thinking& way : family.thinking) {
    if (prompt.ends_with(trimmed(way.open))) return true;
  }
  return false;
}

}  // namespace worker::chat
