#include "common/page_cache.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <format>
#include <memory>
#include <system_error>

#include "common/cached_pages.hpp"
#include "common/child_process.hpp"

namespace common {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kPiece = 8 << 20;
constexpr std::uint64_t kTrial = 8 << 20;             // of each way to read
constexpr std::uint64_t kApart = kTrial + (2 << 20);  // from one to the next: the kernel reads a little further than it is asked
constexpr std::size_t kRequest = 1 << 20;
constexpr std::size_t kAlignment = 4096;  // enough for O_DIRECT on every disk that is sold

std::unexpected<Error> failed(const fs::path& file, const char* what) {
  return fail(ErrorKind::io, std::format("{} cannot be {}: {}", file.string(), what, std::generic_category().message(errno)));
}

struct OpenFile {
  Descriptor descriptor;
  std::uint64_t size = 0;
};

Result<OpenFile> open_file(const fs::path& path, int flags = 0) {
  OpenFile file{.descriptor = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags))};  // a FIFO must not block
  if (!file.descriptor) return failed(path, "opened");
  struct stat status{};
  if (::fstat(file.descriptor.get(), &status) != 0) return failed(path, "examined");
  if (!S_ISREG(status.st_mode)) return fail(ErrorKind::io, path.string() + " is no regular file");
  file.size = static_cast<std::uint64_t>(status.st_size);
  return file;
}

bool can_be_mapped(const OpenFile& file) {
  void* address = ::mmap(nullptr, kTrial, PROT_READ, MAP_SHARED, file.descriptor.get(), 0);
  if (address == MAP_FAILED) return false;
  ::munmap(address, kTrial);
  return true;
}

using Clock = std::chrono::steady_clock;

double rate_since(Clock::time_point began, std::uint64_t bytes) {
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  return static_cast<double>(bytes) / std::max(seconds, 1e-6);
}

std::optional<double> time_reads(int descriptor, std::uint64_t from) {
  struct Free {
    void operator()(void* bytes) const { std::free(bytes); }
  };
  const std::unique_ptr<void, Free> space(std::aligned_alloc(kAlignment, kRequest));
  const auto began = Clock::now();
  for (std::uint64_t at = 0; at < kTrial; at += kRequest) {
    if (::pread(descriptor, space.get(), kRequest, static_cast<off_t>(from + at)) != static_cast<ssize_t>(kRequest)) return std::nullopt;
  }
  return rate_since(began, kTrial);
}

}  // namespace

Result<std::uint64_t> read_ahead(const fs::path& path, std::uint64_t most, const std::function<bool()>& go_on) {
  auto file = open_file(path);
  if (!file) return fail(file.error());
  const std::uint64_t end = std::min(file->size, most);
  std::uint64_t read = 0;
  for (std::uint64_t at = 0; at < end && go_on(); at += kPiece) {
    const std::uint64_t length = std::min(kPiece, end - at);
    if (cached_bytes(file->descriptor.get(), at, length) >= length) continue;
    ::posix_fadvise(file->descriptor.get(), static_cast<off_t>(at), static_cast<off_t>(length), POSIX_FADV_WILLNEED);
    // The kernel only begins to read. The last byte comes last, so we do not run ahead of the disk.
    char last = 0;
    if (::pread(file->descriptor.get(), &last, 1, static_cast<off_t>(at + length - 1)) < 0) return failed(path, "read");
    read += length;
  }
  return read;
}

Result<std::optional<ReadRates>> measure_reading(const fs::path& path) {
  auto file = open_file(path);
  if (!file) return fail(file.error());
  if (file->size < 3 * kApart) return std::nullopt;
  // The end of the file: its beginning is what a load needs first.
  const std::uint64_t from = (file->size - 2 * kApart) / kAlignment * kAlignment;
  ::posix_fadvise(file->descriptor.get(), static_cast<off_t>(from), static_cast<off_t>(2 * kApart), POSIX_FADV_DONTNEED);
  if (cached_bytes(file->descriptor.get(), from, 2 * kApart) > 0) return std::nullopt;  // somebody else has it mapped
  ReadRates rates;
  rates.buffered = time_reads(file->descriptor.get(), from);
  if (!rates.buffered) return failed(path, "read");
  // Not tried by touching it: what cannot be read of a mapping ends the process that looks at it (SIGBUS).
  if (can_be_mapped(*file)) rates.mapped = rates.buffered;
  if (auto direct = open_file(path, O_DIRECT)) rates.direct = time_reads(direct->descriptor.get(), from + kApart);
  return rates;
}

}  // namespace common
