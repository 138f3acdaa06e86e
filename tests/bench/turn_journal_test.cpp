#include "bench/turn_journal.hpp"

#include <gtest/gtest.h>

#include <format>
#include <sstream>

namespace bench {
namespace {

using namespace std::chrono_literals;
using common::TimePoint;

const TimePoint kOpened = TimePoint() + 100s;

Turns turns_of(const std::string& journal) {
  std::istringstream in(journal);
  return read_turns(in, kOpened).value();
}

TEST(TurnJournal, TellsWhoWaitedHowLong) {
  const Turns turns = turns_of(R"({"at":0,"event":{"type":"reconfigure"},"effects":[],"state":""}
{"at":1000,"event":{"type":"arrives","waiter":1},"effects":[],"state":""}
{"at":2000,"event":{"type":"arrives","waiter":2},"effects":[{"type":"grant","waiter":2,"model":"b"}],"state":""}
{"at":5000,"event":{"type":"tick"},"effects":[{"type":"grant","waiter":1,"model":"a"}],"state":""}
{"at":6000,"event":{"type":"arrives","waiter":3},"effects":[{"type":"reject","waiter":3}],"state":""}
)");
  ASSERT_EQ(turns.taken.size(), 2u);
  EXPECT_EQ(turns.taken[0].asked, kOpened + 1us);
  EXPECT_EQ(turns.taken[0].wait(), 4us);
  EXPECT_EQ(turns.taken[1].wait(), 0us);
  EXPECT_TRUE(turns.swaps.empty());
}

TEST(TurnJournal, ASwapIsFromTheDrainToReady) {
  const auto moves = [](int at, std::string_view from, std::string_view to, bool pinned = false) {
    return std::format(
        "{{\"at\":{},\"event\":{{\"type\":\"tick\"}},\"effects\":[{{\"type\":\"worker\",\"from\":\"{}\",\"to\":\"{}\",\"pinned\":{}}}]}}\n",
        at, from, to, pinned);
  };
  const std::string first = moves(100, "stopped", "starting") + moves(200, "probing", "ready");
  const std::string swap = moves(1000, "ready", "draining") + moves(2000, "draining", "stopping") + moves(5000, "probing", "ready");
  const std::string taken_back = moves(6000, "ready", "draining") + moves(7000, "draining", "ready");
  const std::string pinned = moves(8000, "ready", "draining", true) + moves(9000, "probing", "ready", true);
  const Turns turns = turns_of(first + swap + taken_back + pinned + moves(10000, "ready", "draining") + moves(11000, "loading", "probing"));
  ASSERT_EQ(turns.swaps.size(), 1u);
  EXPECT_EQ(turns.swaps[0].began, kOpened + 1us);
  EXPECT_EQ(turns.swaps[0].length(), 4us);
}

TEST(TurnJournal, SaysWhichLineIsNone) {
  for (const char* line : {"{", "[]", R"({"at":1})", R"({"at":"1","event":{"type":"tick"},"effects":[]})"}) {
    std::istringstream in(std::string("{\"at\":0,\"event\":{\"type\":\"tick\"},\"effects\":[]}\n") + line + "\n");
    auto turns = read_turns(in, kOpened);
    ASSERT_FALSE(turns) << line;
    EXPECT_NE(turns.error().message().find("line 2"), std::string::npos) << turns.error().message();
  }
}

}  // namespace
}  // namespace bench
