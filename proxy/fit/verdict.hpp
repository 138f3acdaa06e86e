// Whether a model fits, and every number behind the answer. Pure: the desk gathers what it is made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "registry/memory_prediction.hpp"

namespace proxy::fit {

// What is known of one way to run a model.
struct Case {
  const registry::ModelFacts& facts;
  registry::RunShape shape;
  std::uint64_t beside_bytes = 0;
  registry::MemoryNeed need;                    // predicted or simulated
  std::optional<std::uint64_t> measured_bytes;  // the most that such a run held here
  registry::MemoryBudget budget;
  std::optional<std::uint64_t> tier_bytes;  // that tiers let it need at most (registry::Tiers::most_for); nothing: all that there is
};

struct Verdict {
  std::uint64_t needed_bytes = 0;
  std::uint64_t budget_bytes = 0;
  bool fits = false;  // into the budget, and into what its tier may have of it
  bool fits_tier = true;
  std::uint64_t largest_context = 0;  // tokens, all else as it is; 0: none would fit
  std::uint64_t prefix_bytes = 0;     // a saved prompt that fills a context
  bool prefix_stays_warm = false;     // the prompt cache has room for one
};

// The larger of what is predicted and what was measured.
std::uint64_t needed_bytes(const registry::MemoryNeed& need, std::optional<std::uint64_t> measured_bytes);

Verdict judge(const Case& asked);

// "weights 280.0 MiB, caches 288.0 MiB, ...": the terms of a need, and the measurement that outweighs them.
std::string sum_of(const registry::MemoryNeed& need, std::optional<std::uint64_t> measured_bytes);
std::string sum_of(const registry::MemoryBudget& budget);  // without pinned models

}  // namespace proxy::fit
