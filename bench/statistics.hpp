// Order statistics of a handful of measurements. Means are not offered: one slow sample on a shared machine would own them.
#pragma once

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace bench {

struct Summary {
  double median = 0;
  double least = 0;
  double most = 0;
  std::size_t samples = 0;
};

// Of at least one sample.
Summary summarize(std::vector<double> samples);

// The least sample that so large a share of all (0 to 1) does not exceed. Of at least one sample.
template <class T>
T percentile(std::vector<T> samples, double share) {
  assert(!samples.empty());
  std::ranges::sort(samples);
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(samples.size())));
  return samples[std::clamp<std::size_t>(rank, 1, samples.size()) - 1];
}

}  // namespace bench
