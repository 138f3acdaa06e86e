// What a request and a template have to say about thinking.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/json.hpp"
#include "worker/chat/family.hpp"

namespace worker::chat {

// What a caller may have asked for; nothing: whatever the template does by itself.
struct ThinkingWish {
  std::optional<std::string> effort;  // "none", "minimal", "low", "medium", "high", "xhigh"
  std::optional<bool> enabled;
};

// The variables a template may look at. Templates agree on no name (enable_thinking, thinking, reasoning_effort), so a wish is said in all
// of them; what the caller has set in `variables` (chat_template_kwargs) stays as it is.
common::Json with_thinking(common::Json variables, const ThinkingWish& wish);

// Whether a prompt ends in a thought that the template has opened.
bool ends_in_thought(std::string_view prompt, const FamilyTraits& family);

// What a template does about thinking, as rendering shows.
struct ThinkingSkills {
  bool thinks = false;          // the template knows the family's markers
  bool opens = false;           // it opens a thought itself where nothing is said
  bool can_be_enabled = false;  // the variables make a difference
  bool can_be_disabled = false;
  bool has_efforts = false;
};

}  // namespace worker::chat
