// The two shapes of a choice: a chat message, taken apart into content, reasoning and tool calls, and a plain text.
#pragma once

#include <memory>

#include "worker/engine/vocabulary.hpp"
#include "worker/serve/answer.hpp"

namespace worker::serve {

// The vocabulary outlives the choice.
std::unique_ptr<Choice> make_choice(const Prepared& prepared, const engine::Vocabulary& vocabulary, std::size_t index);

}  // namespace worker::serve
