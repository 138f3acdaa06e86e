// Where the program that runs was started from, behind all links.
#pragma once

#include <filesystem>

namespace common {

// Throws std::filesystem::filesystem_error where the system does not tell.
std::filesystem::path program_folder();
// A program of ours in that folder.
std::filesystem::path beside_this_program(const char* name);

}  // namespace common
