#include "registry/facts_reader.hpp"

namespace registry {

using common::Result;

namespace {

// The files behind a model, and how they are looked at.
std::string key_of(const Model& model) {
  std::string key = (model.command ? "command\n" : "") + model.artifact.string() + '\n' + model.projector.string();
  for (const common::AdapterFile& adapter : model.adapters) key += '\n' + adapter.path;
  return key;
}

}  // namespace

FactsReader::FactsReader(std::chrono::milliseconds patience, Read read, Scan scan, std::chrono::milliseconds patience_with_folders,
                         Measure measure, std::optional<std::chrono::milliseconds> patience_with_figures)
    : read_(std::move(read)),
      scan_(std::move(scan)),
      measure_(std::move(measure)),
      headers_(patience, {.doing = "reading its header", .things = "model files"}),
      figures_(patience_with_figures.value_or(patience), {.doing = "looking at its files", .things = "models"},
               Patient<FileFigures>::Late::stands_in),
      folders_(patience_with_folders, {.doing = "looking into it", .things = "model folders"}),
      marks_(patience_with_folders, {.doing = "looking at its files", .things = "model folders"}) {}

Result<ModelFacts> FactsReader::operator()(const std::filesystem::path& artifact, const std::string& identity) {
  return headers_(artifact.string() + '\n' + identity, artifact.string(), [read = read_, artifact] { return read(artifact); });
}

Result<FileFigures> FactsReader::figures(const Model& model) {
  return figures_(key_of(model), model.artifact.string(), [measure = measure_, model]() -> Result<FileFigures> { return measure(model); });
}

Result<FolderScan> FactsReader::look_into(const ModelFolder& folder) {
  return folders_(std::format("{}\n{}", folder.path.string(), to_string(folder.layout)), folder.path.string(),
                  [scan = scan_, folder]() -> Result<FolderScan> { return scan(folder); });
}

Result<std::string> FactsReader::mark_of(const std::string& files, std::function<std::string()> look) {
  return marks_(files, files, [look = std::move(look)]() -> Result<std::string> { return look(); });
}

}  // namespace registry
