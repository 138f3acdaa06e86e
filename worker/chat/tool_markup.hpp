// The text inside <tool_call>: where its JSON object ends, and which call it makes.
#pragma once

#include <optional>
#include <string_view>

#include "worker/chat/output_parser.hpp"

namespace worker::chat {

// The length of the JSON object that `text` begins with, npos while it is incomplete, 0 if there is none. Looks at brackets and quotes
// only.
std::size_t object_length(std::string_view text);

// {"name": ..., "arguments": {...}}, with the arguments also as a string of JSON, called "parameters", or left out.
std::optional<ToolCall> parse_call(std::string_view object);

}  // namespace worker::chat
