// Files that the daemon keeps from one run to the next, and how they are written so that a crash leaves the old one or the new one whole.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace common {

// $XDG_STATE_HOME/perch, by default ~/.local/state/perch; empty when neither is known.
std::filesystem::path state_folder();

// The whole of it, as it is. Blocks. ErrorKind::io.
Result<std::string> read_file(const std::filesystem::path& file);

// Under another name first, and on the disk before it takes the old one's place. Makes the folder. Blocks. ErrorKind::io.
Result<void> replace_file(const std::filesystem::path& file, std::string_view content);

}  // namespace common
