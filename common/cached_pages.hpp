// How much of a file is in the page cache.
#pragma once

#include <cstdint>

namespace common {

// Of `length` bytes from `offset` (a multiple of the page size) of an open file, in whole pages: at least `length` when all of them are
// there. 0 when it cannot be told. cachestat(2) where there is one (Linux 6.5), else mincore(2), which costs a hundred times as much.
std::uint64_t cached_bytes(int descriptor, std::uint64_t offset, std::uint64_t length);

}  // namespace common
