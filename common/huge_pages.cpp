#include "common/huge_pages.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <format>
#include <system_error>

namespace common {
namespace {

constexpr const char* kName = "GLIBC_TUNABLES";
constexpr const char* kValue = "glibc.malloc.hugetlb=1";  // 1: madvise, not a reserved pool

}  // namespace

std::string huge_pages_entry() {
  const char* own = std::getenv(kName);
  return std::format("{}={}", kName, own ? own : kValue);
}

void restart_with_huge_pages([[maybe_unused]] char** arguments) {
#ifdef __GLIBC__
  // By its own name: /proc/self/exe would be what the process is called from then on.
  std::error_code ec;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ec);
  if (ec || std::getenv(kName) || ::setenv(kName, kValue, 0) != 0) return;
  ::execv(program.c_str(), arguments);
#endif
}

}  // namespace common
