#include "common/page_cache.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "common/cached_pages.hpp"
#include "common/child_process.hpp"
#include "tests/support/temp_folder.hpp"

namespace common {
namespace {

constexpr std::uint64_t kMib = 1 << 20;

class PageCacheTest : public testing::Test {
 protected:
  // A file that is on the disk and not in the page cache, or no test where the file system knows no difference.
  std::filesystem::path cold_file(std::uint64_t mib) {
    const auto path = folder.write("weights.gguf", std::string(mib * kMib, 'w'));
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    ::fsync(file.get());
    ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
    return path;
  }
  static std::uint64_t cached_mib(const std::filesystem::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const auto size = static_cast<std::size_t>(std::filesystem::file_size(path));
    void* at = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
    std::vector<unsigned char> pages(size / 4096);
    ::mincore(at, size, pages.data());
    ::munmap(at, size);
    return static_cast<std::uint64_t>(std::ranges::count_if(pages, [](unsigned char flags) { return flags & 1; })) * 4096 / kMib;
  }
  static bool always() { return true; }

  tests::TempFolder folder;
};

TEST_F(PageCacheTest, AFileIsReadAsFarAsItMayBeAndNoPieceTwice) {
  const auto file = cold_file(64);
  if (cached_mib(file) > 0) GTEST_SKIP() << "this file system keeps everything in memory";
  auto read = read_ahead(file, 16 * kMib, always);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(*read, 16 * kMib);
  EXPECT_GE(cached_mib(file), 16u);
  EXPECT_LT(cached_mib(file), 48u) << "there was room for so much only";
  EXPECT_EQ(read_ahead(file, 16 * kMib, always), 0u) << "it is there";
}

TEST_F(PageCacheTest, WhatIsCachedIsCountedInWholePages) {
  const auto path = folder.write("small", std::string(3 * 4096 + 1, 'w'));
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string bytes(4 * 4096, 0);
  ASSERT_EQ(::pread(file.get(), bytes.data(), bytes.size(), 0), 3 * 4096 + 1);
  EXPECT_EQ(cached_bytes(file.get(), 0, 3 * 4096 + 1), 4 * 4096u);
  EXPECT_EQ(cached_bytes(file.get(), 4096, 4096), 4096u);
  EXPECT_EQ(cached_bytes(file.get(), 0, 0), 0u);
  EXPECT_EQ(cached_bytes(-1, 0, 4096), 0u) << "it cannot be told";
}

TEST_F(PageCacheTest, ItStopsWhenItIsToldTo) {
  const auto file = cold_file(32);
  if (cached_mib(file) > 0) GTEST_SKIP() << "this file system keeps everything in memory";
  int pieces = 0;
  EXPECT_EQ(read_ahead(file, ~0ull, [&] { return ++pieces <= 2; }), 16 * kMib);
  EXPECT_EQ(read_ahead(file, ~0ull, [] { return false; }), 0u);
}

TEST_F(PageCacheTest, WhatIsNoFileIsAnError) {
  EXPECT_EQ(read_ahead(folder.path() / "missing", 1, always).error().kind(), ErrorKind::io);
  EXPECT_EQ(read_ahead(folder.path(), 1, always).error().kind(), ErrorKind::io);
  const auto fifo = folder.path() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(read_ahead(fifo, 1, always).error().kind(), ErrorKind::io) << "and it does not wait for a writer";
  EXPECT_EQ(measure_reading(fifo).error().kind(), ErrorKind::io);
}

TEST_F(PageCacheTest, EveryWayToReadADeviceHasItsRateOrIsNotThere) {
  const auto file = cold_file(48);
  if (cached_mib(file) > 0) GTEST_SKIP() << "this file system keeps everything in memory";
  auto rates = measure_reading(file);
  ASSERT_TRUE(rates && *rates);
  ASSERT_TRUE((*rates)->buffered && (*rates)->mapped);
  EXPECT_GT(*(*rates)->buffered, 0);
  EXPECT_GT(*(*rates)->mapped, 0);
  EXPECT_TRUE(!(*rates)->direct || *(*rates)->direct > 0);
  auto small = measure_reading(folder.write("small", "GGUF"));
  ASSERT_TRUE(small);
  EXPECT_FALSE(*small) << "too small to tell";
}

}  // namespace
}  // namespace common
