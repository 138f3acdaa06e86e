// A model file open for reading, with errors sorted into what a worker's exit code distinguishes: a bad path or a failing disk.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "common/result.hpp"

namespace worker::engine {

class File {
 public:
  // ErrorKind: bad_model_file (missing, not a regular file) or io (permission denied, a failing disk).
  static common::Result<File> open(const std::string& path);
  File() = default;
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  std::uint64_t size() const { return size_; }
  int descriptor() const { return descriptor_; }
  // Of the file as it is now: device, inode, size, modification and change time, as text.
  std::string identity() const;
  // Bytes read; 0 at the end.
  common::Result<std::size_t> read_at(std::uint64_t offset, std::span<char> space) const;
  // So many bytes from an offset on, piece after piece. ErrorKind: bad_model_file (the file has become shorter) or io.
  common::Result<void> read_range(std::uint64_t from, std::uint64_t bytes, const std::function<void(std::span<const char>)>& take) const;
  // The first `bytes`, likewise.
  common::Result<void> read_through(std::uint64_t bytes, const std::function<void(std::span<const char>)>& take) const {
    return read_range(0, bytes, take);
  }

 private:
  std::string path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

// Brings a file into the page cache. libllama maps the whole file in one system call, during which nothing can be reported or cancelled;
// after this that call finds its pages in memory. What is already cached is skipped. `progress` as in Model::load.
common::Result<void> read_ahead(const std::string& path, const std::function<bool(double)>& progress);

}  // namespace worker::engine
