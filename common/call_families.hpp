// In which way a model writes tool calls, told by the marks that stand in its chat template.
//
// One table for both who ask: the worker, which reads and writes calls so (worker/chat/family.hpp has a family for every name), and whoever
// says what a model file is without loading it (registry/model_facts.hpp).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace common {

// What no template shows: calls are then written as the most common family does, or as the registry's tool_format says.
inline constexpr std::string_view kGenericCalls = "generic";

std::string_view call_family_of(std::string_view template_source);
// All of them.
std::vector<std::string> call_families();

}  // namespace common
