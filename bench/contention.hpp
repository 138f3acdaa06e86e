// More clients than models: what the residency policy makes of it beside plain first come, with the same traffic, in turn, in one run.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace bench {

struct ContentionOptions {
  std::filesystem::path perch, worker;        // an empty worker: the daemon's own choice
  std::filesystem::path json;                 // empty: no report
  std::vector<std::filesystem::path> models;  // small ones, three
  std::filesystem::path large;                // a larger one, which gets three ids; empty: it is not measured
  std::string only;                           // the size of the models that are measured; empty: all
  std::optional<double> seconds;              // of one trial
  std::optional<int> rounds;                  // trials of each policy
  int tokens = 16;                            // of each answer
  bool short_form = false;
};

// Returns the exit status. Throws std::runtime_error with one clear line when it cannot measure.
int run_contention(const ContentionOptions& options);

}  // namespace bench
