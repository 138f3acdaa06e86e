// Bytes as people read them, and the sum of what a model takes.
#pragma once

#include <cstdint>
#include <string>

#include "common/json.hpp"

namespace proxy::cli {

std::string mib(std::uint64_t bytes);
std::string mib(const common::Json& bytes);  // "missing" for what is no number
// The terms of a memory need (registry/memory_json.hpp), one a line, and their sum.
void print_need(const common::Json& need);

}  // namespace proxy::cli
