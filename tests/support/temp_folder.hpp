// A fresh folder that goes away with its owner.
#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace tests {

class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "perch-test-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp failed");
    path_ = pattern;
  }
  TempFolder(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    // Renamed into place, as an editor or a well-behaved script would.
    const auto file = path_ / name, partial = path_ / (name + ".partial");
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(partial, std::ios::binary) << text;
    std::filesystem::rename(partial, file);
    return file;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace tests
