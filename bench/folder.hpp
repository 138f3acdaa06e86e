// A folder of the bench's own among the temporary ones, gone with everything in it when its owner is.
#pragma once

#include <filesystem>
#include <utility>

namespace bench {

class Folder {
 public:
  Folder();
  Folder(Folder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Folder& operator=(Folder&& other) noexcept { return std::swap(path_, other.path_), *this; }
  ~Folder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace bench
