// Whether libllama may be shown a grammar (GBNF) that a caller wrote. It reads brackets by recursion, and writes repetitions
// out: one kind of mistake in them without end.
//
// The text is cut as libllama cuts it: what stands in literals, character classes, names of tokens and comments counts for nothing. A
// grammar that is merely wrong is no concern of this; libllama refuses it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace worker::serve {

// Why not, in words that follow the name of the field. Nothing: it may.
std::optional<std::string> unreadable_gbnf(std::string_view grammar);

}  // namespace worker::serve
