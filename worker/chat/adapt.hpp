// Rewrites a conversation for a template that lacks something: tools and their results become plain text in the Hermes format.
#pragma once

#include "worker/chat/chat_template.hpp"

namespace worker::chat {

struct TemplateSkills {
  bool tools = false;
  bool tool_calls = false;
  bool tool_results = false;
  bool object_arguments = false;  // wants the arguments of earlier calls as objects, where OpenAI's messages have strings
  bool content_required = false;  // cannot bear null content
};

Conversation adapt(Conversation conversation, const TemplateSkills& skills);

}  // namespace worker::chat
