#include "tests/worker/process/models.hpp"

namespace worker {

Models& models() {
  static Models* instance = static_cast<Models*>(testing::AddGlobalTestEnvironment(new Models));  // GoogleTest owns it
  return *instance;
}

namespace {
[[maybe_unused]] Models& registered_before_main = models();
}

}  // namespace worker
