#include "registry/model_files.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "registry/file_identity.hpp"
#include "registry/model_facts.hpp"

namespace registry {
namespace {

namespace fs = std::filesystem;

std::optional<std::uint64_t> size_of(const std::vector<fs::path>& files) {
  std::uint64_t sum = 0;
  for (const fs::path& file : files) {
    std::error_code no_file;
    const auto bytes = fs::file_size(file, no_file);
    if (no_file) return std::nullopt;
    sum += bytes;
  }
  return sum;
}

// The files in a folder; what is none is all there is.
std::vector<fs::path> contents_of(const fs::path& artifact) {
  std::error_code ec;
  if (!fs::is_directory(artifact, ec)) return files_of(artifact);
  std::vector<fs::path> files;
  for (fs::directory_iterator it(artifact, ec), end; !ec && it != end; it.increment(ec)) {
    std::error_code not_a_file;
    if (it->is_regular_file(not_a_file)) files.push_back(it->path());
  }
  return files;
}

}  // namespace

std::string identity_of(const Model& model) {
  std::string identity;
  if (model.artifact.empty()) return identity;
  for (const fs::path& file : files_of(model.artifact)) {
    const std::string part = file_identity(file);
    if (part.empty()) return {};
    identity += (identity.empty() ? "" : "+") + part;
  }
  for (const common::AdapterFile& adapter : model.adapters) identity += "+" + file_identity(adapter.path);
  if (!model.projector.empty()) identity += "+" + file_identity(model.projector);
  return identity;
}

FileFigures figures_of(const Model& model) {
  FileFigures figures{.identity = identity_of(model)};
  if (model.command) {  // what it makes of its files, and whether it has any, is its own affair
    if (!model.artifact.empty()) figures.bytes = size_of(contents_of(model.artifact));
    return figures;
  }
  figures.bytes = size_of(files_of(model.artifact));
  for (const common::AdapterFile& adapter : model.adapters) figures.beside_bytes += size_of({adapter.path}).value_or(0);
  if (!model.projector.empty()) figures.beside_bytes += size_of({model.projector}).value_or(0);
  return figures;
}

void set_figures(Model& model, FileFigures figures) {
  model.identity = std::move(figures.identity);
  model.bytes = figures.bytes;
  model.beside_bytes = figures.beside_bytes;
}

void measure(Model& model) { set_figures(model, figures_of(model)); }

}  // namespace registry
