// Reading files into the page cache before anybody asks for them, and how fast a device gives them.
//
// Blocking work, for a pool. Nothing is kept: what the kernel needs the room for it takes back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "common/result.hpp"

namespace common {

// Brings up to `most` bytes from the beginning of a file into the page cache; what is there already costs nothing. `go_on` is asked before
// every piece of some MiB, and false ends it. Returns how many bytes had to be read. ErrorKind::io.
Result<std::uint64_t> read_ahead(const std::filesystem::path& file, std::uint64_t most, const std::function<bool()>& go_on);

// How fast a device gives what is not in the page cache, in bytes per second; nothing: it cannot be read so.
struct ReadRates {
  std::optional<double> mapped;    // as buffered, where it can be mapped
  std::optional<double> buffered;  // through the page cache
  std::optional<double> direct;    // past it (O_DIRECT)
};
// Tries a few MiB of a file in each way, out of the page cache first: that much of it has to be read again by whoever comes next. Nothing:
// the file is too small to tell, or stays in the page cache because somebody has it mapped. ErrorKind::io.
Result<std::optional<ReadRates>> measure_reading(const std::filesystem::path& file);

}  // namespace common
