// What a match between plain first come and the policy comes to: lines of a table and results of the envelope. Pure.
#pragma once

#include <string>
#include <vector>

#include "bench/envelope.hpp"
#include "bench/policy_trial.hpp"
#include "bench/table.hpp"

namespace bench {

struct Contender {
  PolicyNumbers numbers;
  std::vector<Trial> trials;
};

struct Match {
  std::string size;  // of the models: "demo", "300mb"
  std::size_t models = 0;
  Pattern pattern = Pattern::random;
  int tokens = 16;  // of each answer
  double without_swaps = 0;  // answers a second if none of the models ever had to leave
  Contender plain;
  std::vector<Contender> ours;  // the same policy with other numbers; at least one
};

struct MatchReport {
  std::string title;
  std::vector<Row> rows;  // of the two that are compared
  std::vector<Measurement> results;
};

// Every contender has as many trials, at least one, and trial i of each followed one another.
MatchReport report_of(const Match& match);

}  // namespace bench
