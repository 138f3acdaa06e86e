// Reads small files that the kernel makes up (/proc, cgroups).
#pragma once

#include <string>

namespace common {

// What could be read: a process may end between opening its file and reading it, which is no error here (and would be an exception in a
// std::ifstream).
std::string read_proc_file(const std::string& path);

}  // namespace common
