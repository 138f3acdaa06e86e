#include "common/cached_pages.hpp"

#include <sys/mman.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/mman.h>
#include <sys/syscall.h>
#endif

#include <algorithm>
#include <optional>
#include <vector>

namespace common {

namespace {

std::optional<std::uint64_t> counted_by_kernel(int descriptor, std::uint64_t offset, std::uint64_t length) {
#if defined(__linux__) && defined(__NR_cachestat)
  cachestat_range range{.off = offset, .len = length};
  struct cachestat found{};
  if (::syscall(__NR_cachestat, descriptor, &range, &found, 0) == 0) return found.nr_cache;
#else
  (void)descriptor, (void)offset, (void)length;
#endif
  return std::nullopt;
}

std::uint64_t counted_in_mapping(int descriptor, std::uint64_t offset, std::uint64_t length, std::uint64_t page) {
  void* bytes = ::mmap(nullptr, length, PROT_READ, MAP_SHARED, descriptor, static_cast<off_t>(offset));
  if (bytes == MAP_FAILED) return 0;
#ifdef __APPLE__
  std::vector<char> pages((length + page - 1) / page);
#else
  std::vector<unsigned char> pages((length + page - 1) / page);
#endif
  const bool answered = ::mincore(bytes, length, pages.data()) == 0;
  ::munmap(bytes, length);
  return answered ? static_cast<std::uint64_t>(std::ranges::count_if(pages, [](auto flags) { return (flags & 1) != 0; })) : 0;
}

}  // namespace

std::uint64_t cached_bytes(int descriptor, std::uint64_t offset, std::uint64_t length) {
  if (length == 0) return 0;  // of cachestat(2) that would be the rest of the file
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  if (auto pages = counted_by_kernel(descriptor, offset, length)) return *pages * page;
  return counted_in_mapping(descriptor, offset, length, page) * page;
}

}  // namespace common
