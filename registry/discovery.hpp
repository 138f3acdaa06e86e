// Models found by looking: what lies in all model folders together.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "registry/catalog.hpp"
#include "registry/facts_reader.hpp"

namespace registry {

struct Discovery {
  std::vector<Model> models;  // by id; the first folder that has an id wins, and in it the first file by name
  std::vector<LeftOut> left_out;
  std::vector<std::string> warnings;
  std::map<std::filesystem::path, std::vector<std::filesystem::path>> visited;  // by folder; FolderScan::visited
};

// Blocks, as long as the reader has patience. A folder that cannot be read is a warning, never an error: an unmounted disk must not stop
// the daemon. What `before` knows of a folder that does not answer stays.
Discovery discover(const std::vector<ModelFolder>& folders, FactsReader& reader, const Catalog& before);

}  // namespace registry
