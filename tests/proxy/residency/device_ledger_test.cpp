#include "proxy/residency/device_ledger.hpp"

#include <gmock/gmock.h>

namespace proxy::residency {
namespace {

using common::DeviceFree;
using testing::ElementsAre;
using testing::IsEmpty;
constexpr std::uint64_t kGiB = 1ull << 30;

common::Ready ready(std::uint64_t found, std::uint64_t holds) {
  return {.memory = {{.device = "CPU", .weights_bytes = kGiB},
                     {.device = "GPU0", .weights_bytes = holds - 2, .kv_bytes = 1, .compute_bytes = 1}},
          .devices_before = {{"GPU0", found}}};
}

class DeviceLedgerTest : public testing::Test {
 protected:
  // A load that nothing else falls into.
  void load(const ModelId& model, std::uint64_t found, std::uint64_t holds) {
    ledger.loads(model);
    ledger.came(model, ready(found, holds));
  }

  DeviceLedger ledger;
};

TEST_F(DeviceLedgerTest, NothingIsExpectedWhereNobodyHasSpokenOfADevice) {
  EXPECT_THAT(ledger.loads("a"), IsEmpty());
  ledger.came("a", {.memory = {{.device = "CPU", .weights_bytes = kGiB}}});
  ledger.left("a");
  EXPECT_THAT(ledger.loads("b"), IsEmpty());
}

TEST_F(DeviceLedgerTest, WhatLeftIsExpectedBack) {
  load("a", 24 * kGiB, 20 * kGiB);
  ledger.left("a");
  EXPECT_THAT(ledger.loads("b"), ElementsAre(DeviceFree{"GPU0", 24 * kGiB}));
  ledger.left("b");  // it failed
  ledger.left("a");
  EXPECT_THAT(ledger.loads("a"), ElementsAre(DeviceFree{"GPU0", 24 * kGiB})) << "each leaves once, and who never came took nothing along";
}

TEST_F(DeviceLedgerTest, WhoCameBesideStaysOutOfIt) {
  load("resident", 24 * kGiB, 20 * kGiB);
  EXPECT_THAT(ledger.loads("pinned"), ElementsAre(DeviceFree{"GPU0", 4 * kGiB}));
  ledger.came("pinned", ready(4 * kGiB, kGiB));
  ledger.left("resident");
  EXPECT_THAT(ledger.loads("next"), ElementsAre(DeviceFree{"GPU0", 23 * kGiB}));
  ledger.came("next", ready(23 * kGiB, 10 * kGiB));
  ledger.left("pinned");
  EXPECT_THAT(ledger.loads("other"), ElementsAre(DeviceFree{"GPU0", 14 * kGiB}));
}

TEST_F(DeviceLedgerTest, WhatAnotherProgramTookIsNotExpectedTwice) {
  load("a", 24 * kGiB, 20 * kGiB);
  ledger.left("a");
  load("b", 18 * kGiB, 10 * kGiB);  // somebody took 6 GiB meanwhile
  ledger.left("b");
  EXPECT_THAT(ledger.loads("a"), ElementsAre(DeviceFree{"GPU0", 18 * kGiB}));
}

TEST_F(DeviceLedgerTest, OneThatSaysMoreThanThereWasCountsWithAllThatThereWas) {
  load("a", 4 * kGiB, 20 * kGiB);
  EXPECT_THAT(ledger.loads("beside"), ElementsAre(DeviceFree{"GPU0", 0}));
  ledger.left("beside");
  ledger.left("a");
  EXPECT_THAT(ledger.loads("b"), ElementsAre(DeviceFree{"GPU0", 4 * kGiB}));
}

TEST_F(DeviceLedgerTest, WhoLeftWhileAnotherLoadedIsExpectedBackAllTheSame) {
  load("resident", 24 * kGiB, 20 * kGiB);
  ledger.loads("pinned");
  ledger.left("resident");
  ledger.came("pinned", ready(4 * kGiB, kGiB));  // found before the resident left
  EXPECT_THAT(ledger.loads("next"), ElementsAre(DeviceFree{"GPU0", 23 * kGiB}));
}

TEST_F(DeviceLedgerTest, NobodyWaitsForWhatAnotherIsTakingMeanwhile) {
  load("a", 24 * kGiB, 20 * kGiB);
  ledger.left("a");
  ledger.loads("b");
  EXPECT_THAT(ledger.loads("pinned"), IsEmpty());
  ledger.came("pinned", ready(9 * kGiB, kGiB));  // in the middle of b's load
  ledger.came("b", ready(24 * kGiB, 20 * kGiB));
  ledger.left("b");
  EXPECT_THAT(ledger.loads("a"), ElementsAre(DeviceFree{"GPU0", 23 * kGiB}));
}

TEST_F(DeviceLedgerTest, TwoThatBeginTogetherTellNothingAndTheNextOneDoes) {
  ledger.loads("pinned");
  ledger.loads("resident");
  ledger.came("pinned", ready(24 * kGiB, kGiB));
  ledger.came("resident", ready(24 * kGiB, 20 * kGiB));
  ledger.left("resident");
  EXPECT_THAT(ledger.loads("next"), IsEmpty());
  ledger.came("next", ready(23 * kGiB, 10 * kGiB));
  ledger.left("next");
  EXPECT_THAT(ledger.loads("resident"), ElementsAre(DeviceFree{"GPU0", 23 * kGiB}));
}

}  // namespace
}  // namespace proxy::residency
