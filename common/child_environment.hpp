// What a worker's environment has of ours: enough to find programs, files, devices and words, and no more.
#pragma once

#include <string>
#include <vector>

namespace common {

// "NAME=value" entries.
std::vector<std::string> worker_environment();

}  // namespace common
