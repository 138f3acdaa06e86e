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

TEST(DeviceLedger, NothingIsExpectedWhereNobodyHasSpokenOfADevice) {
  DeviceLedger ledger;
  ledger.came("a", {.memory = {{.device = "CPU", .weights_bytes = kGiB}}});
  ledger.left("a");
  EXPECT_THAT(ledger.expected_free(), IsEmpty());
}

TEST(DeviceLedger, WhatLeftIsExpectedBack) {
  DeviceLedger ledger;
  ledger.came("a", ready(24 * kGiB, 20 * kGiB));
  EXPECT_THAT(ledger.expected_free(), ElementsAre(DeviceFree{"GPU0", 4 * kGiB}));
  ledger.left("a");
  EXPECT_THAT(ledger.expected_free(), ElementsAre(DeviceFree{"GPU0", 24 * kGiB}));
  ledger.left("a");
  EXPECT_THAT(ledger.expected_free(), ElementsAre(DeviceFree{"GPU0", 24 * kGiB})) << "it leaves once";
}

TEST(DeviceLedger, WhoCameBesideStaysOutOfIt) {
  DeviceLedger ledger;
  ledger.came("resident", ready(24 * kGiB, 20 * kGiB));
  ledger.came("pinned", ready(4 * kGiB, kGiB));
  ledger.left("resident");
  EXPECT_THAT(ledger.expected_free(), ElementsAre(DeviceFree{"GPU0", 23 * kGiB}));
  ledger.came("next", ready(23 * kGiB, 10 * kGiB));
  ledger.left("pinned");
  EXPECT_THAT(ledger.expected_free(), ElementsAre(DeviceFree{"GPU0", 14 * kGiB}));
}

TEST(DeviceLedger, WhatAnotherProgramTookIsNotExpectedTwice) {
  DeviceLedger ledger;
  ledger.came("a", ready(24 * kGiB, 20 * kGiB));
  ledger.left("a");
  ledger.came("b", ready(18 * kGiB, 10 * kGiB));  // somebody took 6 GiB meanwhile
  ledger.left("b");
  EXPECT_THAT(ledger.expected_free(), ElementsAre(DeviceFree{"GPU0", 18 * kGiB}));
}

TEST(DeviceLedger, OneThatSaysMoreThanThereWasCountsWithAllThatThereWas) {
  DeviceLedger ledger;
  ledger.came("a", ready(4 * kGiB, 20 * kGiB));
  EXPECT_THAT(ledger.expected_free(), ElementsAre(DeviceFree{"GPU0", 0}));
  ledger.left("a");
  EXPECT_THAT(ledger.expected_free(), ElementsAre(DeviceFree{"GPU0", 4 * kGiB}));
}

}  // namespace
}  // namespace proxy::residency
