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
                                      "CUDA_DEVICE_ORDER",
                                      "HIP_VISIBLE_DEVICES",
                                      "ROCR_VISIBLE_DEVICES",
                                      "HSA_OVERRIDE_GFX_VERSION",
                                      "VK_DRIVER_FILES",
                                      "VK_ICD_FILENAMES",
                                      "GGML_VK_VISIBLE_DEVICES",
                                      "GGML_VK_ALLOW_SYSMEM_FALLBACK",
                                      "GGML_CUDA_ENABLE_UNIFIED_MEMORY",
                                      "GGML_BACKEND_PATH",
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
