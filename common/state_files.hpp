// Files that the daemon keeps from one run to the next, and how they are written so that a crash leaves the old one or the new one whole.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace common {

// $XDG_STATE_HOME/perch, by default ~/.local/state/perch; empty when neither is known.
std::filesystem::path state_folder();

// Larger than any state file that is written: one with more bytes is damaged, or somebody else's.
inline constexpr std::size_t kMostStateBytes = 8 << 20;

// The whole of it, as it is. Blocks. ErrorKind::io, also for one of more than `most` bytes.
Result<std::string> read_file(const std::filesystem::path& file, std::size_t most = std::string::npos);

// Under another name first, and on the disk before it takes the old one's place. Makes the folder. Blocks. ErrorKind::io.
Result<void> replace_file(const std::filesystem::path& file, std::string_view content);

}  // namespace common
