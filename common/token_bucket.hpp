// Lets through so many a second on average, and a burst of some more: a pure value, `now` is an argument.
#pragma once

#include "common/clock.hpp"

namespace common {

class TokenBucket {
 public:
  TokenBucket(double per_second, double burst) : per_second_(per_second), burst_(burst), tokens_(burst) {}

  // Whether one more may pass now. `now` never falls from call to call.
  bool take(TimePoint now);

 private:
  double per_second_;
  double burst_;  // as many as may pass at once
  double tokens_;
  TimePoint filled_{};
};

}  // namespace common
