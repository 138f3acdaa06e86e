// The manual page perch(1), from what the command line understands. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proxy/cli/exit_codes.hpp"
#include "proxy/cli/outline.hpp"

namespace proxy::cli {

// As man(7) has it. `version` stands at the foot of each page.
std::string manual_page(const VerbOutline& program, const std::vector<ExitCode>& exit_codes, std::string_view version);

}  // namespace proxy::cli
