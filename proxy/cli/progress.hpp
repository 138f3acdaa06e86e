// How far a load is, as a line that a terminal shows and overwrites. progress_line() is pure; LoadProgress draws it on standard error, by
// looking at the daemon's status in a thread of its own, until it is destroyed.
#pragma once

#include <optional>
#include <string>
#include <thread>

#include "common/json.hpp"

namespace proxy::cli {

// Of the model that `name` means: what happens for it now, and a bar while its weights are read. At most `width` places.
std::string progress_line(const common::Json& status, const std::string& name, std::size_t width);

class LoadProgress {
 public:
  // `url` of the daemon, `name` a role or an id.
  LoadProgress(std::string url, std::string name);
  ~LoadProgress();  // leaves the line empty

 private:
  std::jthread drawing_;
};

}  // namespace proxy::cli
