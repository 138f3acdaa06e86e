// What loads were measured to take on this machine, by what was loaded and how: the most memory that a worker held, and how long its load
// took. Kept in a file, so that the next daemon knows it too. A prediction may be wrong; what was measured once will be needed again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/json.hpp"
#include "registry/memory_prediction.hpp"

namespace proxy::fit {

// One run of a model: the identity of its files, and its shape with no zeros left (registry::settled).
struct RunKey {
  std::string identity;
  registry::RunShape shape;

  std::string text() const;
};

struct Measured {
  std::uint64_t peak_bytes = 0;
  double load_seconds = 0;  // of the latest load
  std::int64_t when = 0;    // seconds since 1970, of the latest change

  bool operator==(const Measured&) const = default;
};

class Peaks {
 public:
  // Whether that is news: more memory than was known (by more than noise), or another load time.
  bool note(const RunKey& key, const Measured& measured);
  const Measured* find(const RunKey& key) const;
  std::size_t size() const { return known_.size(); }

  std::string to_text() const;
  // What cannot be read is left out: the worst that a damaged file does is to be forgotten.
  static Peaks from_text(std::string_view text);

  static constexpr std::size_t kMost = 1000;  // the longest unchanged go first

 private:
  std::map<std::string, Measured> known_;
};

}  // namespace proxy::fit
