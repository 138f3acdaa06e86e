#include <gtest/gtest.h>

#include <format>

#include "tests/simulation/world.hpp"

namespace simulation {
namespace {

std::string list(const std::vector<std::uint32_t>& choices) {
  std::string text;
  for (auto choice : choices) text += std::format("{}, ", choice);
  return text;
}

TEST(Simulation, WhateverHappensInWhateverOrderTheContractHolds) {
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    auto failure = try_seed(seed, 40);
    ASSERT_FALSE(failure) << "seed " << seed << ": " << failure->what << "\nshortest: " << list(failure->choices);
  }
}

TEST(Simulation, LongSchedulesHoldToo) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    auto failure = try_seed(seed, 2'000);
    ASSERT_FALSE(failure) << "seed " << seed << ": " << failure->what << "\nshortest: " << list(failure->choices);
  }
}

}  // namespace
}  // namespace simulation
