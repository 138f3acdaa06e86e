// What an answer is held to: the grammar of a chat request, out of its response_format, its tools and its own `grammar` field. Pure.
//
// response_format and a tool_choice that forces a call hold from the first token on (after a thought, where the model thinks); tools that
// may be called hold from where a call begins. The caller's own grammar holds from the first token on, or after the thought that the prompt
// has opened.
#pragma once

#include <string>

#include "common/result.hpp"
#include "worker/chat/chat_template.hpp"
#include "worker/engine/grammar.hpp"
#include "worker/serve/request.hpp"

namespace worker::serve {

// No text: nothing is held. ErrorKind::bad_request names the field, and for a schema the keyword and its JSON pointer.
common::Result<engine::Grammar> constraint_of(const ChatRequest& request, const chat::ChatTemplate& chat_template,
                                              const chat::Prompt& prompt);

// Of a plain completion, which knows neither tools nor thoughts.
common::Result<engine::Grammar> constraint_of(const CompletionRequest& request);

}  // namespace worker::serve
