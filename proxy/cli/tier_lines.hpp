// What GET /admin/v1/fit says of a model's tier, for a person. Pure.
#pragma once

#include <string>
#include <vector>

#include "common/json.hpp"

namespace proxy::cli {

// Which tier, what its models may need, and whether it is loaded now. Nothing of what a daemon does not say.
std::vector<std::string> tier_lines(const common::Json& tier);

}  // namespace proxy::cli
