// The latest swaps with all their parts, and how long each part has taken over all swaps. Pure; bounded, whatever comes in.
//
// Owned by Residency. A swap is entered when the model that came is ready; the first piece of an answer, which comes a little later, is
// added to it, and how long conversations were read back for it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "common/json.hpp"

namespace proxy::residency {

class SwapLedger {
 public:
  static constexpr std::size_t kKept = 200;
  // Upper ends of the classes that durations are counted in, in seconds; above the last one is a class without end.
  static constexpr std::array kBounds{0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0};

  struct Part {
    std::uint64_t count = 0;
    double seconds = 0;  // all together
    std::array<std::uint64_t, kBounds.size()> within{};  // by bound; each includes those below it
  };

  // As SwapRecorder makes them; `at` is when it ended, for people.
  void add(common::Json swap, std::string at);
  // A conversation was read back for a request to this model.
  void restored(const std::string& model, double seconds);
  // From the readiness of the model that came last to the first piece of an answer.
  void first_token(double seconds);

  std::uint64_t total() const { return total_; }
  const std::deque<common::Json>& latest() const { return latest_; }  // oldest first
  const std::map<std::string, Part>& parts() const { return parts_; }
  // The newest `most`, newest first, and the sums of all.
  common::Json to_json(std::size_t most) const;

 private:
  void count(const std::string& part, double seconds);

  std::uint64_t total_ = 0;
  double restored_ = 0;  // seconds since the latest swap, before its first token
  std::deque<common::Json> latest_;
  std::map<std::string, Part> parts_;
};

}  // namespace proxy::residency
