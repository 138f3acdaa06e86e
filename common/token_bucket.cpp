#include "common/token_bucket.hpp"

#include <algorithm>

namespace common {

bool TokenBucket::take(TimePoint now) {
  const std::chrono::duration<double> passed = now - filled_;
  tokens_ = std::min(burst_, tokens_ + passed.count() * per_second_);
  filled_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

}  // namespace common
