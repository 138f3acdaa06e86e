// What clients saw of one policy for a while, what it decided meanwhile, and the figures that both come to. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "common/clock.hpp"

namespace bench {

// A whole answer, up to its [DONE].
struct Answer {
  common::TimePoint asked, first_token, ended;
  common::Duration wait() const { return first_token - asked; }  // as the caller sees it
};

struct Turn {  // as the policy sees it
  common::TimePoint asked, granted;
  common::Duration wait() const { return granted - asked; }
};

struct Swap {  // from the beginning of the drain to ready
  common::TimePoint began, ready;
  common::Duration length() const { return ready - began; }
};

struct Trial {
  common::TimePoint began;
  common::Duration length{0};  // nobody asks afterwards; who has asked by then is waited for
  std::vector<Answer> answers;
  std::vector<Turn> turns;
  std::vector<Swap> swaps;  // in order
};

struct Figures {
  double goodput = 0;  // whole answers a second that came within the length
  double swaps_per_minute = 0;
  double swap_share = 0;  // of the time
  common::Duration worst_swap{0};
  common::Duration wait_p50{0}, wait_p99{0}, wait_worst{0};
};

// Of a trial with at least one answer.
Figures figures_of(const Trial& trial);

// How long somebody who asked at `asked` may wait for his turn with so many models contending, after proxy/residency/core.hpp: what is left
// of a swap under way (not one that he himself began) + (models - 1) x (max_wait + swap), a swap being the longest of the trial.
common::Duration wait_bound(const Trial& trial, common::TimePoint asked, std::size_t models, common::Duration max_wait);
// How many waited longer, by more than the millisecond that a timer may be late.
std::size_t waits_past_bound(const Trial& trial, std::size_t models, common::Duration max_wait);
// By how much the wait that came nearest to its bound, or went farthest past it, is longer than that (negative: within). Of a trial with at
// least one turn.
common::Duration farthest_past_bound(const Trial& trial, std::size_t models, common::Duration max_wait);

}  // namespace bench
