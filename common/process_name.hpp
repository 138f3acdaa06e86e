// The name of this process as ps(1) and top(1) show it: a worker says there which model it has, so that one can be told from another,
// and from one that has none yet.
#pragma once

#include <string_view>

namespace common {

// "perch:qwen3-30b", cut at the 15 bytes that the kernel keeps, between two characters. Where it cannot be set nothing happens.
void name_process(std::string_view name);

}  // namespace common
