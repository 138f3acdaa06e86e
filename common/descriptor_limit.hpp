// How many descriptors this process may have open.
#pragma once

#include <cstddef>

namespace common {

// Raises the limit to `wanted` where the hard limit allows it, and never lowers it. What it is then.
std::size_t raise_descriptor_limit(std::size_t wanted);

}  // namespace common
