// The smallest bench that touches everything: how fast the demo models answer through a daemon, and what a change of model costs.
#pragma once

#include <filesystem>

namespace bench {

struct SmokeOptions {
  std::filesystem::path perch, registry, worker;  // an empty worker: the daemon's own choice
  std::filesystem::path json;                     // empty: no report
  std::string first = "default", second = "most-capable";
  bool short_form = false;
};

// Returns the exit status. Throws std::runtime_error with one clear line when it cannot measure.
int run_smoke(const SmokeOptions& options);

}  // namespace bench
