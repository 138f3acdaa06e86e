#include "registry/facts_reader.hpp"

namespace registry {

using common::Result;

FactsReader::FactsReader(std::chrono::milliseconds patience, Read read, Scan scan, std::chrono::milliseconds patience_with_folders)
    : read_(std::move(read)),
      scan_(std::move(scan)),
      headers_(patience, {.doing = "reading its header", .things = "model files"}),
      folders_(patience_with_folders, {.doing = "looking into it", .things = "model folders"}),
      marks_(patience_with_folders, {.doing = "looking at its files", .things = "model folders"}) {}

Result<ModelFacts> FactsReader::operator()(const std::filesystem::path& artifact, const std::string& identity) {
  return headers_(artifact.string() + '\n' + identity, artifact.string(), [read = read_, artifact] { return read(artifact); });
}

Result<FolderScan> FactsReader::look_into(const ModelFolder& folder) {
  return folders_(std::format("{}\n{}", folder.path.string(), to_string(folder.layout)), folder.path.string(),
                  [scan = scan_, folder]() -> Result<FolderScan> { return scan(folder); });
}

Result<std::string> FactsReader::mark_of(const std::filesystem::path& folder, std::function<std::string()> look) {
  return marks_(folder.string(), folder.string(), [look = std::move(look)]() -> Result<std::string> { return look(); });
}

}  // namespace registry
