#include "bench/traffic.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace bench {
namespace {

TEST(Traffic, InLockstepNeighboursAskForNeighbours) {
  std::string first, second;
  for (std::size_t client = 0; client < 8; ++client) {
    first += static_cast<char>('A' + model_of(Pattern::lockstep, client, 0, 3));
    second += static_cast<char>('A' + model_of(Pattern::lockstep, client, 1, 3));
  }
  EXPECT_EQ(first, "ABCABCAB");
  EXPECT_EQ(second, "BCABCABC");
}

TEST(Traffic, AtRandomEveryModelIsAskedForAboutAsOften) {
  std::array<int, 3> asked{};
  for (std::size_t client = 0; client < 8; ++client) {
    for (std::uint64_t round = 0; round < 300; ++round) ++asked[model_of(Pattern::random, client, round, 3)];
  }
  for (int count : asked) EXPECT_NEAR(count, 800, 100);
}

TEST(Traffic, AtRandomTheNextModelDoesNotFollowFromTheLast) {
  int same = 0;
  for (std::size_t client = 0; client < 8; ++client) {
    for (std::uint64_t round = 0; round < 300; ++round) {
      same += model_of(Pattern::random, client, round, 2) == model_of(Pattern::random, client, round + 1, 2);
    }
  }
  EXPECT_NEAR(same, 1200, 120);
}

TEST(Traffic, ClientsDoNotAskAlike) {
  int same = 0;
  for (std::uint64_t round = 0; round < 300; ++round)
    same += model_of(Pattern::random, 0, round, 2) == model_of(Pattern::random, 1, round, 2);
  EXPECT_NEAR(same, 150, 50);
}

}  // namespace
}  // namespace bench
