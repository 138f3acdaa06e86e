#include "worker/engine/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <format>
#include <utility>
#include <vector>

#include "common/cached_pages.hpp"

namespace worker::engine {

using common::ErrorKind;
using common::Result;

namespace {

constexpr std::size_t kChunk = 16 << 20;

std::unexpected<common::Error> file_error(const std::string& path, int error) {
  bool bad_path = error == ENOENT || error == ENOTDIR || error == EISDIR || error == ENAMETOOLONG || error == ELOOP;
  return common::fail(bad_path ? ErrorKind::bad_model_file : ErrorKind::io, path + ": " + std::strerror(error));
}

}  // namespace

Result<File> File::open(const std::string& path) {
  File file;
  file.path_ = path;
  file.descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a FIFO must not block the worker
  if (file.descriptor_ < 0) return file_error(path, errno);
  struct stat status;
  if (fstat(file.descriptor_, &status) != 0) return file_error(path, errno);
  if (!S_ISREG(status.st_mode)) return common::fail(ErrorKind::bad_model_file, path + ": not a regular file");
  file.size_ = static_cast<std::uint64_t>(status.st_size);
  return file;
}

File::File(File&& other) noexcept : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}
File& File::operator=(File&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}
File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string File::identity() const {
  struct stat status{};
  fstat(descriptor_, &status);
#ifdef __APPLE__
  const timespec &modified = status.st_mtimespec, &changed = status.st_ctimespec;
#else
  const timespec &modified = status.st_mtim, &changed = status.st_ctim;
#endif
  return std::format("{} {} {} {}.{} {}.{}", status.st_dev, status.st_ino, status.st_size, modified.tv_sec, modified.tv_nsec,
                     changed.tv_sec, changed.tv_nsec);
}

Result<std::size_t> File::read_at(std::uint64_t offset, std::span<char> space) const {
  while (true) {
    ssize_t read = pread(descriptor_, space.data(), space.size(), static_cast<off_t>(offset));
    if (read >= 0) return static_cast<std::size_t>(read);
    if (errno != EINTR) return file_error(path_, errno);
  }
}

Result<void> File::read_range(std::uint64_t from, std::uint64_t bytes, const std::function<void(std::span<const char>)>& take) const {
  if (bytes == 0) return {};
  std::vector<char> space(std::min<std::uint64_t>(bytes, 1 << 20));
  for (std::uint64_t done = 0; done < bytes;) {
    auto read = read_at(from + done, std::span(space).first(std::min<std::uint64_t>(space.size(), bytes - done)));
    if (!read) return common::fail(read.error());
    if (*read == 0) return common::fail(ErrorKind::bad_model_file, path_ + ": the file became shorter while it was read");
    take(std::span(space).first(*read));
    done += *read;
  }
  return {};
}

Result<void> read_ahead(const std::string& path, const std::function<bool(double)>& progress) {
  auto file = File::open(path);
  if (!file) return common::fail(file.error());
  auto memory = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  if (file->size() > memory) return {};  // reading it would push out its own beginning
  std::vector<char> space;
  for (std::uint64_t at = 0; at < file->size(); at += kChunk) {
    auto length = static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, file->size() - at));
    if (common::cached_bytes(file->descriptor(), at, length) < length) {
      space.resize(kChunk);
      for (std::size_t done = 0; done < length;) {
        auto read = file->read_at(at + done, std::span(space).subspan(done, length - done));
        if (!read) return common::fail(read.error());
        if (*read == 0) return common::fail(ErrorKind::bad_model_file, path + ": the file became shorter while it was read");
        done += *read;
      }
    }
    if (!progress(static_cast<double>(at + length) / static_cast<double>(file->size()))) {
      return common::fail(ErrorKind::cancelled, "the load was cancelled");
    }
  }
  return {};
}

}  // namespace worker::engine
