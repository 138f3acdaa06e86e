// SHA-256 of every byte of a model's files, as `sha256sum` and the model hubs give it: made in the background after the load, on time that
// nothing else wants, and remembered in the user's cache folder, so that tens of gigabytes are read for it once and not at every load.
#pragma once

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace worker::engine {

class ContentHash {
 public:
  // `memory`: the folder where results are kept; empty: nowhere.
  ContentHash(std::vector<std::string> files, std::filesystem::path memory);

  // Starts the thread. The object must live as long as the process, which ends under it.
  void start();
  // One for each file, "sha256:..."; empty where a file could not be read. Absent until all are there.
  std::optional<std::vector<std::string>> result() const;

 private:
  void run();
  std::string hash_of(const std::string& path) const;

  const std::vector<std::string> files_;
  const std::filesystem::path memory_;
  std::vector<std::string> hashes_;  // written before done_
  std::atomic<bool> done_{false};
};

// $XDG_CACHE_HOME/perch/hashes, or the same in ~/.cache; empty when neither is known.
std::filesystem::path hash_memory();

}  // namespace worker::engine
