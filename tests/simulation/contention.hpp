// Many clients, a few models, workers that do what they should: how long does everybody wait?
//
// Events in exact order of their times, with the real Conductor deciding. Every wait is compared with the bound of docs/residency.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace simulation {

struct Waits {
  std::size_t served = 0;
  double worst_share = 0;                 // of its bound, over all waits
  std::optional<std::string> past_bound;  // the first wait beyond it
};

// Everything about the traffic follows from the seed: 2 to 4 models, 2 to 12 clients, load and answer times, policy numbers.
Waits contend(std::uint64_t seed, std::chrono::seconds simulated);

}  // namespace simulation
