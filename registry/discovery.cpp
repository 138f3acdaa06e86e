#include "registry/discovery.hpp"

#include <algorithm>
#include <cctype>
#include <format>
#include <map>
#include <optional>

namespace registry {
namespace {

namespace fs = std::filesystem;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// "name-00002-of-00005" is part 2 of "name".
struct SplitPart {
  std::string name;
  bool first = false;
};
std::optional<SplitPart> split_part(const std::string& stem) {
  constexpr std::size_t kTail = sizeof("-00001-of-00005") - 1;
  if (stem.size() <= kTail) return std::nullopt;
  const std::string tail = stem.substr(stem.size() - kTail);
  auto digits = [&](std::size_t at) {
    return std::all_of(tail.begin() + at, tail.begin() + at + 5, [](unsigned char c) { return std::isdigit(c); });
  };
  if (tail[0] != '-' || !digits(1) || tail.substr(6, 4) != "-of-" || !digits(10)) return std::nullopt;
  return SplitPart{.name = stem.substr(0, stem.size() - kTail), .first = tail.substr(1, 5) == "00001"};
}

// The id of a file, or nothing when the file is no model of its own.
std::optional<std::string> id_of(const fs::path& file) {
  if (lower(file.extension().string()) != ".gguf") return std::nullopt;
  std::string stem = lower(file.stem().string());
  if (stem.starts_with("mmproj") || stem.starts_with('.')) return std::nullopt;
  auto part = split_part(stem);
  if (!part) return stem;
  return part->first ? std::optional(part->name) : std::nullopt;
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
