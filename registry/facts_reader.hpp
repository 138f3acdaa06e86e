// What is known of model files, by what they say of themselves and what stat(2) says of them, and of what model folders hold; all of it
// asked for with a patience that ends (patient.hpp). Used from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "registry/folder_scan.hpp"
#include "registry/model_facts.hpp"
#include "registry/model_files.hpp"
#include "registry/patient.hpp"

namespace registry {

class FactsReader {
 public:
  using Read = std::function<common::Result<ModelFacts>(const std::filesystem::path&)>;
  using Scan = std::function<FolderScan(const ModelFolder&)>;
  using Measure = std::function<FileFigures(const Model&)>;

  static constexpr std::size_t kMostHanging = Patient<ModelFacts>::kMostHanging;

  static constexpr std::chrono::milliseconds kPatience{500};

  explicit FactsReader(std::chrono::milliseconds patience = kPatience, Read read = &inspect, Scan scan = &scan_folder,
                       std::chrono::milliseconds patience_with_folders = kPatience, Measure measure = &figures_of,
                       std::optional<std::chrono::milliseconds> patience_with_figures = {});

  // `identity` tells the file from a later one under the same name. ErrorKind: as inspect(), or timeout.
  common::Result<ModelFacts> operator()(const std::filesystem::path& artifact, const std::string& identity);
  // What stat(2) says now of the files behind a model. ErrorKind: timeout, or io when there are no more threads.
  common::Result<FileFigures> figures(const Model& model);
  // What is in a folder now. ErrorKind: timeout, or io when there are no more threads.
  common::Result<FolderScan> look_into(const ModelFolder& folder);
  // What `look` says of some files, which `files` tells from others: something that is another when they are. ErrorKind: likewise.
  common::Result<std::string> mark_of(const std::string& files, std::function<std::string()> look);
  // How many answers came after the patience of who had asked: when this grows it is worth asking again. Marks are asked for again anyway.
  std::uint64_t late() const { return headers_.late() + folders_.late() + figures_.late(); }

 private:
  Read read_;
  Scan scan_;
  Measure measure_;
  Patient<ModelFacts> headers_;
  Patient<FileFigures> figures_;
  Patient<FolderScan> folders_;
  Patient<std::string> marks_;
};

}  // namespace registry
