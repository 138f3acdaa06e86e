// Whether a file is still the same file: what stat(2) says of it behind all links.
#pragma once

#include <filesystem>
#include <string>

namespace registry {

// Device, inode, size, modification and change time; empty when there is no such file. The change time is there because an edit may keep
// size and modification time. Blocks.
std::string file_identity(const std::filesystem::path& path);

}  // namespace registry
