// Order statistics of a handful of measurements. Means are not offered: one slow sample on a shared machine would own them.
#pragma once

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

}  // namespace bench
