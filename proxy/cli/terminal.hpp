// Whether a person sits before it, and how wide what he sees is.
#pragma once

#include <cstddef>
#include <optional>

namespace proxy::cli {

// Of standard output; nothing: it is no terminal, and is written to without limit.
std::optional<std::size_t> terminal_width();
// Whether letters may be bold: a terminal, and nobody has said NO_COLOR (no-color.org).
bool may_be_bold();
bool errors_go_to_a_terminal();

}  // namespace proxy::cli
