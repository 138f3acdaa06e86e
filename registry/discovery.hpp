// Models found by looking: every GGUF file in a plain folder becomes a model whose id is its lower-case file stem.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "registry/catalog.hpp"

namespace registry {

struct Discovery {
  std::vector<Model> models;  // by id, the first folder that has an id wins
  std::vector<std::string> warnings;
};

// Blocks (directory walk). A folder that cannot be read is a warning, never an error: an unmounted disk must not stop the daemon.
// Files of a split model count once, by their first part; projector files (mmproj) are no models.
Discovery discover(const std::vector<std::filesystem::path>& folders);

}  // namespace registry
