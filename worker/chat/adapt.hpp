// Rewrites a conversation for a template that lacks something: tools and their results become plain text, calls in the family's format.
#pragma once

#include "worker/chat/chat_template.hpp"

namespace worker::chat {

Conversation adapt(Conversation conversation, const TemplateSkills& skills, Family family);

}  // namespace worker::chat
