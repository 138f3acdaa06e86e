#include "bench/trial.hpp"

#include <algorithm>
#include <ranges>

#include "bench/statistics.hpp"

namespace bench {

using common::Duration;
using common::TimePoint;

namespace {

double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

Duration longest_swap(const std::vector<Swap>& swaps) {
  auto longest = std::ranges::max_element(swaps, {}, &Swap::length);
  return longest == swaps.end() ? Duration(0) : longest->length();
}

constexpr auto kTimers = std::chrono::milliseconds(1);  // so late may one of the daemon's be that ends a turn

Duration left_of_swap(const std::vector<Swap>& swaps, TimePoint asked) {
  auto under_way = std::ranges::find_if(swaps, [&](const Swap& swap) { return swap.began < asked && asked < swap.ready; });
  return under_way == swaps.end() ? Duration(0) : under_way->ready - asked;
}

// The part of a swap that lies within the trial.
Duration within(const Trial& trial, const Swap& swap) {
  return std::max(Duration(0), std::min(swap.ready, trial.began + trial.length) - std::max(swap.began, trial.began));
}

Duration past_bound(const Trial& trial, const Turn& turn, std::size_t models, Duration max_wait) {
  return turn.wait() - wait_bound(trial, turn.asked, models, max_wait);
}

}  // namespace

Figures figures_of(const Trial& trial) {
  const TimePoint end = trial.began + trial.length;
  std::vector<Duration> waits;
  for (const Answer& answer : trial.answers) waits.push_back(answer.wait());
  Duration swapping{0};
  for (const Swap& swap : trial.swaps) swapping += within(trial, swap);
  const auto in_time = std::ranges::count_if(trial.answers, [&](const Answer& answer) { return answer.ended <= end; });
  const auto finished =
      std::ranges::count_if(trial.swaps, [&](const Swap& swap) { return trial.began <= swap.ready && swap.ready <= end; });
  return {.goodput = static_cast<double>(in_time) / seconds(trial.length),
          .swaps_per_minute = static_cast<double>(finished) * 60 / seconds(trial.length),
          .swap_share = seconds(swapping) / seconds(trial.length),
          .worst_swap = longest_swap(trial.swaps),
          .wait_p50 = percentile(waits, 0.5),
          .wait_p99 = percentile(waits, 0.99),
          .wait_worst = std::ranges::max(waits)};
}

Duration wait_bound(const Trial& trial, TimePoint asked, std::size_t models, Duration max_wait) {
  const auto rivals = static_cast<Duration::rep>(models - 1);
  return left_of_swap(trial.swaps, asked) + rivals * (max_wait + longest_swap(trial.swaps));
}

std::size_t waits_past_bound(const Trial& trial, std::size_t models, Duration max_wait) {
  return static_cast<std::size_t>(std::ranges::count_if(
      trial.turns, [&](const Turn& turn) { return past_bound(trial, turn, models, max_wait) > kTimers; }));
}

Duration farthest_past_bound(const Trial& trial, std::size_t models, Duration max_wait) {
  return std::ranges::max(
      trial.turns | std::views::transform([&](const Turn& turn) { return past_bound(trial, turn, models, max_wait); }));
}

}  // namespace bench
