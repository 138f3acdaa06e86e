#include "bench/comparison.hpp"

#include <algorithm>
#include <cassert>

namespace bench {

using common::Duration;
using std::chrono::milliseconds;

double without_swaps(const std::vector<double>& goodput_alone) {
  assert(!goodput_alone.empty());
  double seconds_per_round = 0;
  for (double goodput : goodput_alone) seconds_per_round += 1 / goodput;
  return static_cast<double>(goodput_alone.size()) / seconds_per_round;
}

milliseconds max_wait_for(Duration worst, Duration swap, std::size_t models) {
  assert(models > 1);
  const Duration each = (worst - swap) / static_cast<Duration::rep>(models - 1) - swap;
  return std::max(milliseconds(0), std::chrono::floor<milliseconds>(each));
}

std::optional<std::size_t> best_within(const std::vector<Candidate>& candidates, Duration limit) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].wait_worst > limit) continue;
    if (!best || candidates[i].goodput > candidates[*best].goodput) best = i;
  }
  return best;
}

std::size_t least_waiting(const std::vector<Candidate>& candidates) {
  assert(!candidates.empty());
  return static_cast<std::size_t>(std::ranges::min_element(candidates, {}, &Candidate::wait_worst) - candidates.begin());
}

}  // namespace bench
