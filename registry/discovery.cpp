#include "registry/discovery.hpp"

#include <algorithm>
#include <format>
#include <iterator>

namespace registry {
namespace {

FolderScan as_it_was(const ModelFolder& folder, const Catalog& before) {
  FolderScan scan;
  for (const auto& [id, model] : before.models) {
    if (model.found_in == folder.path) scan.models.push_back(model);
  }
  if (auto visited = before.visited.find(folder.path); visited != before.visited.end()) scan.visited = visited->second;
  return scan;
}

}  // namespace

Discovery discover(const std::vector<ModelFolder>& folders, FactsReader& reader, const Catalog& before) {
  Discovery found;
  std::map<std::string, const Model*> seen;
  std::vector<Model> all;
  for (const ModelFolder& folder : folders) {
    auto looked = reader.look_into(folder);
    if (!looked) found.warnings.push_back("model_dirs: " + looked.error().message());
    FolderScan scan = looked ? std::move(*looked) : as_it_was(folder, before);
    if (!scan.problem.empty())
      found.warnings.push_back(std::format("model_dirs: {} cannot be read: {}", folder.path.string(), scan.problem));
    std::ranges::move(scan.left_out, std::back_inserter(found.left_out));
    for (std::string& notice : scan.notices) found.warnings.push_back("model_dirs: " + std::move(notice));
    std::ranges::move(scan.models, std::back_inserter(all));
    found.visited[folder.path] = std::move(scan.visited);
  }
  for (Model& model : all) {
    const auto [first, is_new] = seen.emplace(model.id, &model);
    if (is_new) continue;
    const Model& other = *first->second;
    const bool is_the_same =
        !model.identity.empty() && model.identity == other.identity;  // a folder that is named twice, or links into another
    if (!is_the_same)
      found.left_out.push_back({model.artifact, std::format("{} already has the id {}", other.artifact.string(), model.id)});
  }
  for (auto& [id, model] : seen) found.models.push_back(*model);
  return found;
}

}  // namespace registry
