#include "registry/discovery.hpp"

#include <algorithm>
#include <format>
#include <map>
#include <optional>

#include "common/names.hpp"
#include "registry/split_name.hpp"

namespace registry {
namespace {

namespace fs = std::filesystem;

using common::lower;

// The id of a file, or nothing when the file is no model of its own.
std::optional<std::string> id_of(const fs::path& file) {
  if (lower(file.extension().string()) != ".gguf") return std::nullopt;
  std::string stem = lower(file.stem().string());
  if (stem.starts_with("mmproj") || stem.starts_with('.')) return std::nullopt;
  auto part = split_name(stem);
  if (!part) return stem;
  return part->number == 1 ? std::optional(part->name) : std::nullopt;
}

std::vector<fs::path> files_in(const fs::path& folder, std::vector<std::string>& warnings) {
  std::vector<fs::path> files;
  std::error_code ec;
  for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec)) {
    std::error_code not_a_file;
    if (it->is_regular_file(not_a_file)) files.push_back(it->path());
  }
  if (ec) warnings.push_back(std::format("model_dirs: {} cannot be read: {}", folder.string(), ec.message()));
  std::ranges::sort(files);
  return files;
}

}  // namespace

Discovery discover(const std::vector<fs::path>& folders) {
  Discovery found;
  std::map<std::string, fs::path> seen;
  for (const fs::path& folder : folders) {
    for (const fs::path& file : files_in(folder, found.warnings)) {
      auto id = id_of(file);
      if (!id) continue;
      auto [first, added] = seen.emplace(*id, file);
      if (!added) {
        found.warnings.push_back(std::format("{} is left out: {} already has the id {}", file.string(), first->second.string(), *id));
        continue;
      }
      found.models.push_back({.id = *id, .artifact = file, .discovered = true});
    }
  }
  return found;
}

}  // namespace registry
