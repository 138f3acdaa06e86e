#include "proxy/residency/swap_ledger.hpp"

#include <gtest/gtest.h>

namespace proxy::residency {
namespace {

using common::Json;

Json swap(const std::string& to, double drain) {
  return {{"from", "a"}, {"to", to}, {"seconds", {{"drain", drain}, {"total", drain + 1}}}};
}

TEST(SwapLedger, TheNewestComeFirstAndOnlySoManyAreKept) {
  SwapLedger ledger;
  for (std::size_t i = 0; i < SwapLedger::kKept + 5; ++i) ledger.add(swap(std::to_string(i), 0), "now");
  EXPECT_EQ(ledger.latest().size(), SwapLedger::kKept);
  const Json json = ledger.to_json(2);
  EXPECT_EQ(json["total"], SwapLedger::kKept + 5);
  ASSERT_EQ(json["swaps"].size(), 2u);
  EXPECT_EQ(json["swaps"][0]["number"], SwapLedger::kKept + 5);
  EXPECT_EQ(json["swaps"][0]["to"], std::to_string(SwapLedger::kKept + 4));
  EXPECT_EQ(json["swaps"][1]["number"], SwapLedger::kKept + 4);
  EXPECT_EQ(json["parts"]["drain"]["count"], SwapLedger::kKept + 5) << "the sums are of all";
}

TEST(SwapLedger, EveryPartIsCountedInTheClassesThatItFitsInto) {
  SwapLedger ledger;
  ledger.add(swap("b", 0.001), "now");
  ledger.add(swap("b", 0.02), "now");
  ledger.add(swap("b", 1e6), "now");
  const SwapLedger::Part& drain = ledger.parts().at("drain");
  EXPECT_EQ(drain.count, 3u);
  EXPECT_DOUBLE_EQ(drain.seconds, 1e6 + 0.021);
  EXPECT_EQ(drain.within.front(), 1u) << "a bound belongs to its class";
  EXPECT_EQ(drain.within[2], 1u);
  EXPECT_EQ(drain.within[3], 2u);
  EXPECT_EQ(drain.within.back(), 2u) << "what is above the last bound is in the count alone";
}

TEST(SwapLedger, WhatIsReadBackBeforeTheFirstTokenIsAPartOfTheSwap) {
  SwapLedger ledger;
  ledger.restored("b", 9);
  ledger.add(swap("b", 0), "now");
  ledger.restored("other", 9);
  ledger.restored("b", 0.25);
  ledger.restored("b", 0.5);
  EXPECT_FALSE(ledger.latest().back()["seconds"].contains("restore")) << "not before it is known whether there is more";
  ledger.first_token(2);
  ledger.restored("b", 9);
  EXPECT_EQ(ledger.latest().back()["seconds"]["restore"], 0.75);
  EXPECT_EQ(ledger.parts().at("restore").count, 1u);
  ledger.add(swap("b", 0), "now");
  ledger.first_token(2);
  EXPECT_FALSE(ledger.latest().back()["seconds"].contains("restore")) << "nothing was read back for this one";
}

TEST(SwapLedger, TheFirstTokenBelongsToTheLatestSwapAndCountsOnce) {
  SwapLedger ledger;
  ledger.first_token(9);
  EXPECT_FALSE(ledger.parts().contains("first_token")) << "of no swap";
  ledger.add(swap("b", 0), "now");
  ledger.first_token(0.5);
  ledger.first_token(7);
  EXPECT_EQ(ledger.latest().back()["seconds"]["first_token"], 0.5);
  EXPECT_EQ(ledger.parts().at("first_token").count, 1u);
}

}  // namespace
}  // namespace proxy::residency
