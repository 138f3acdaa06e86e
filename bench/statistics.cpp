#include "bench/statistics.hpp"

#include <algorithm>
#include <cassert>

namespace bench {

Summary summarize(std::vector<double> samples) {
  assert(!samples.empty());
  std::ranges::sort(samples);
  const std::size_t n = samples.size();
  return {.median = (samples[(n - 1) / 2] + samples[n / 2]) / 2, .least = samples.front(), .most = samples.back(), .samples = n};
}

}  // namespace bench
