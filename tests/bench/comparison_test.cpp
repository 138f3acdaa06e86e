#include "bench/comparison.hpp"

#include <gtest/gtest.h>

namespace bench {
namespace {

using namespace std::chrono_literals;

TEST(Comparison, MaxWaitIsWhatTheBoundLeavesForATurn) {
  EXPECT_EQ(max_wait_for(8s, 1s, 2), 6s) << "8 s: a swap under way, a turn, a swap";
  EXPECT_EQ(max_wait_for(8s, 1s, 3), 2500ms);
}

TEST(Comparison, ThereMayBeNoTimeForATurn) { EXPECT_EQ(max_wait_for(2s, 1s, 3), 0ms); }

TEST(Comparison, WithoutSwapsAnAnswerTakesAsLongAsItsModel) {
  EXPECT_DOUBLE_EQ(without_swaps({10}), 10);
  EXPECT_DOUBLE_EQ(without_swaps({10, 30}), 15) << "an answer of each takes 1/10 s + 1/30 s";
}

TEST(Comparison, TheMostAnswersAreBestAmongThoseWhoWaitNoLonger) {
  EXPECT_EQ(best_within({{.goodput = 9, .wait_worst = 5s}, {.goodput = 4, .wait_worst = 2s}, {.goodput = 6, .wait_worst = 3s}}, 3s), 2u);
}

TEST(Comparison, ThereMayBeNoneAndThenTheLeastWaitIsNearest) {
  const std::vector<Candidate> candidates{{.goodput = 9, .wait_worst = 5s}, {.goodput = 4, .wait_worst = 2s}};
  EXPECT_FALSE(best_within(candidates, 1s));
  EXPECT_EQ(least_waiting(candidates), 1u);
}

}  // namespace
}  // namespace bench
