// Looks into one model folder: which models are there, what is none, and what has to be watched to notice that there are others.
//
// Plain files, repositories as LM Studio keeps them (publisher/repository/...) and as the cache of the Hugging Face Hub does
// (models--org--name/snapshots/REVISION/..., whose files are links into blobs/ and whose refs/main names the current revision). The walk
// goes no deeper than these and looks at no more than kMostEntries; links to folders are followed, each folder once.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "registry/catalog.hpp"
#include "registry/model_folder.hpp"

namespace registry {

struct FolderScan {
  std::vector<Model> models;  // an id may come twice
  std::vector<LeftOut> left_out;
  std::vector<std::string> notices;
  std::string problem;                         // why the folder itself cannot be read; empty: it was
  std::vector<std::filesystem::path> visited;  // another identity (file_identity.hpp) of one of these: look again
};

inline constexpr std::size_t kMostEntries = 50'000;  // of all folders in one model folder
inline constexpr std::size_t kMostVisited = 4'000;   // folders
inline constexpr int kDeepest = 4;                   // folders below that of a repository's revision

// Blocks. Models come with what stat(2) says of their files, and without facts.
FolderScan scan_folder(const ModelFolder& folder);

}  // namespace registry
