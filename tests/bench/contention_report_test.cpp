#include "bench/contention_report.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace bench {
namespace {

using namespace std::chrono_literals;
using common::TimePoint;

Trial trial(std::size_t answers, common::Duration wait) {
  Trial seen{.length = 10s};
  seen.answers.assign(answers, {.first_token = TimePoint() + wait, .ended = TimePoint() + wait});
  seen.turns.assign(answers, {.granted = TimePoint() + wait});
  return seen;
}

Match a_match() {
  return {.size = "demo",
          .models = 2,
          .without_swaps = 5.5,
          .plain = {.numbers = {.first_come = true}, .trials = {trial(10, 4s)}},
          .ours = {{.numbers = {.max_wait = 5s}, .trials = {trial(70, 5s)}}, {.numbers = {.max_wait = 1s}, .trials = {trial(40, 2s)}}}};
}

const Measurement* find(const MatchReport& report, std::string_view name) {
  auto found = std::ranges::find(report.results, name, &Measurement::name);
  return found == report.results.end() ? nullptr : &*found;
}

TEST(ContentionReport, ComparesWithThoseWhoDoNotWaitLonger) {
  const MatchReport report = report_of(a_match());
  const Measurement* ratio = find(report, "goodput_ratio");
  ASSERT_TRUE(ratio);
  EXPECT_DOUBLE_EQ(ratio->value, 4);
  EXPECT_EQ(ratio->tags.at("compared"), "at equal worst wait");
  EXPECT_EQ(ratio->tags.at("policy"), "max_wait 1000 ms, min_residency measured");
}

TEST(ContentionReport, SaysWhenEverybodyWaitsLonger) {
  Match longer = a_match();
  longer.plain.trials = {trial(10, 1s)};
  const Measurement ratio = *find(report_of(longer), "goodput_ratio");
  EXPECT_DOUBLE_EQ(ratio.value, 4) << "those who wait least";
  EXPECT_EQ(ratio.tags.at("compared"), "waits longer");
}

TEST(ContentionReport, TellsWhatNoPolicyGetsBeyond) {
  const MatchReport report = report_of(a_match());
  const Measurement* ceiling = find(report, "goodput_ratio_ceiling");
  ASSERT_TRUE(ceiling);
  EXPECT_DOUBLE_EQ(ceiling->value, 5.5) << "first come answers one a second";
}

TEST(ContentionReport, CountsTheWaitsPastTheBoundOfEveryMaxWaitInAllTrials) {
  Match match = a_match();
  match.plain.trials.push_back(trial(10, 4s));
  match.ours[0].trials.push_back(trial(70, 5s));
  match.ours[1].trials.push_back(trial(2, 2s));
  const MatchReport report = report_of(match);
  std::vector<double> past;
  for (const Measurement& result : report.results) {
    if (result.name == "waits_past_bound") past.push_back(result.value);
  }
  EXPECT_EQ(past, (std::vector<double>{0, 42}));
}

}  // namespace
}  // namespace bench
