#include <gtest/gtest.h>

#include "bench/swap_watch.hpp"

namespace bench {
namespace {

using namespace std::chrono_literals;
using common::TimePoint;

const TimePoint kEpoch = TimePoint() - 1000s;
constexpr std::string_view kEvents =
    "id: 1\nevent: phase\ndata: {\"time\": 1001.0, \"seconds\": {\"total\": 9}}\n\n"
    ": nothing new\n\n"
    "id: 2\nevent: swap\ndata: {\"from\": null, \"to\": \"a\", \"seconds\": {\"load\": 0.5, \"total\": 1.5}, \"time\": 1003.0}\n\n";

TEST(SwapReader, KeepsSwapsAndNothingElse) {
  SwapReader reader(kEpoch);
  reader.take(kEvents);
  ASSERT_EQ(reader.swaps().size(), 1u);
  EXPECT_EQ(reader.swaps()[0].ready, TimePoint() + 3s);
  EXPECT_EQ(reader.swaps()[0].length(), 1500ms);
}

TEST(SwapReader, ReadsEventsHoweverTheyAreCut) {
  SwapReader reader(kEpoch);
  for (char c : kEvents) reader.take(std::string_view(&c, 1));
  EXPECT_EQ(reader.swaps().size(), 1u);
}

}  // namespace
}  // namespace bench
