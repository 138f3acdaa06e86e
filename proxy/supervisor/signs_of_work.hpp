// Whether a server that says nothing of what it does is at work: it computes, reads or writes, or its memory grows. Pure; the kernel's
// figures come in (common/process_work.hpp).
//
// A server that only waits, that was stopped or that hangs does none of it; answering somebody who asks whether it is ready is not enough
// to count. One that hangs in a loop that computes cannot be told from one that works.
#pragma once

#include <optional>

#include "common/clock.hpp"
#include "common/process_work.hpp"

namespace proxy::supervisor {

struct WorkRules {
  double computing = 0.1;                  // of the time, on one processor, since it was last seen at work
  std::chrono::milliseconds least{50};     // ... but no less than this
  std::uint64_t moved_bytes = 64 << 10;    // read and written
  std::uint64_t grown_bytes = 1 << 20;     // of memory
};
// Of a server that loads: it is asked all the time whether it is ready.
inline constexpr WorkRules kLoadingRules{};
// Of one with requests, whose work may be done by another device while it waits for that.
inline constexpr WorkRules kServingRules{.computing = 0.02, .least = std::chrono::milliseconds(20)};

class SignsOfWork {
 public:
  explicit SignsOfWork(const WorkRules& rules) : rules_(rules) {}

  // `so_far`: of all its processes together. Whether it has worked since the last time that this was so; the first look is a beginning.
  bool look(const common::ProcessWork& so_far, common::TimePoint now);

 private:
  WorkRules rules_;
  std::optional<common::TimePoint> since_;
  common::ProcessWork then_;
};

}  // namespace proxy::supervisor
