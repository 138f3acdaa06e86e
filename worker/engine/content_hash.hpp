// SHA-256 of every byte of a model's files, as `sha256sum` and the model hubs give it: made in the background after the load, while nothing
// else is asked of the process, and remembered in the user's cache folder, so that tens of gigabytes are read for it once and not at every
// load.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace worker::engine {

class ContentHash {
 public:
  // `memory`: the folder where results are kept; empty: nowhere.
  ContentHash(std::vector<std::string> files, std::filesystem::path memory);

  // Starts the thread, which works only while `busy` (asked from it) is false. It has the priority of every other thread: one that the
  // kernel starves would keep the process from ending, and its memory from being free. The object must live as long as the process, which
  // ends under it.
  void start(std::function<bool()> busy);
  // One for each file, "sha256:..."; empty where a file could not be read. Absent until all are there.
  std::optional<std::vector<std::string>> result() const;

 private:
  void run(const std::function<bool()>& busy);
  std::string hash_of(const std::string& path, const std::function<bool()>& busy) const;

  const std::vector<std::string> files_;
  const std::filesystem::path memory_;
  std::vector<std::string> hashes_;  // written before done_
  std::atomic<bool> done_{false};
};

// $XDG_CACHE_HOME/perch/hashes, or the same in ~/.cache; empty when neither is known.
std::filesystem::path hash_memory();

}  // namespace worker::engine
