#include "common/child_environment.hpp"

#include <cstdlib>
#include <format>

#include "common/huge_pages.hpp"

namespace common {
namespace {

constexpr const char* kInherited[] = {"PATH",
                                      "HOME",
                                      "LANG",
                                      "LC_ALL",
                                      "TMPDIR",
                                      "XDG_CACHE_HOME",
                                      "CUDA_VISIBLE_DEVICES",
                                      "GGML_VK_VISIBLE_DEVICES",
                                      "ASAN_OPTIONS",
                                      "UBSAN_OPTIONS",
                                      "TSAN_OPTIONS",
                                      "LSAN_OPTIONS"};

}  // namespace

std::vector<std::string> worker_environment() {
  std::vector<std::string> environment;
  for (const char* name : kInherited) {
    if (const char* value = std::getenv(name)) environment.push_back(std::format("{}={}", name, value));
  }
  environment.push_back(huge_pages_entry());
  return environment;
}

}  // namespace common
