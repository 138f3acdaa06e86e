// Which numbers of the policy are compared with plain first come. Pure.
//
// A policy that may let somebody wait for ever could answer any number of requests, so the two are compared at equal worst wait: of the
// numbers that were tried, those count with which nobody waited longer than the longest waiter of the plain policy.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "common/clock.hpp"

namespace bench {

// Answers a second if models that are asked equally often were all there at once, from those of each one alone (at least one, all above 0):
// what no policy gets beyond, since it has swaps to make. The harmonic mean: an answer takes as long on average as its model takes for one.
double without_swaps(const std::vector<double>& goodput_alone);

// The max_wait with which the bound of a wait (trial.hpp) comes to `worst` for somebody who asks just as a swap begins; at least 0.
std::chrono::milliseconds max_wait_for(common::Duration worst, common::Duration swap, std::size_t models);

struct Candidate {
  double goodput = 0;
  common::Duration wait_worst{0};
};

// The candidate with the most goodput among those whose worst wait is at most `limit`; nothing: there is none.
std::optional<std::size_t> best_within(const std::vector<Candidate>& candidates, common::Duration limit);
// The candidate with the least worst wait, of at least one.
std::size_t least_waiting(const std::vector<Candidate>& candidates);

}  // namespace bench
