#include "proxy/residency/memory_leases.hpp"

#include <gmock/gmock.h>

namespace proxy::residency {
namespace {

using namespace std::chrono_literals;
using common::ErrorKind;
using testing::HasSubstr;

constexpr std::uint64_t kGiB = 1ull << 30;

TEST(MemoryLeases, SeveralAddUpAndEndEachInItsTime) {
  MemoryLeases leases;
  const common::TimePoint now{1h};
  const auto first = leases.add(4 * kGiB, 10min, 20 * kGiB, now);
  const auto second = leases.add(2 * kGiB, 5min, 20 * kGiB, now);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->id, second->id);
  EXPECT_EQ(leases.bytes(), 6 * kGiB);
  EXPECT_EQ(leases.next_end(), now + 5min);
  EXPECT_TRUE(leases.expire(now + 5min - 1ms).empty());
  EXPECT_EQ(leases.expire(now + 5min).size(), 1u);
  EXPECT_EQ(leases.bytes(), 4 * kGiB);
  EXPECT_TRUE(leases.end(first->id));
  EXPECT_FALSE(leases.end(first->id));
  EXPECT_FALSE(leases.end(99));
  EXPECT_EQ(leases.bytes(), 0u);
  EXPECT_EQ(leases.next_end(), std::nullopt);
}

TEST(MemoryLeases, NoMoreCanBeLentThanModelsMayTake) {
  MemoryLeases leases;
  const common::TimePoint now{1h};
  ASSERT_TRUE(leases.add(15 * kGiB, 1min, 20 * kGiB, now));
  const auto refused = leases.add(6 * kGiB, 1min, 20 * kGiB, now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::bad_request);
  EXPECT_EQ(refused.error().param(), "gib");
  EXPECT_THAT(refused.error().message(), HasSubstr("at most 5.00 can be lent now, not 6.00: models may take 20.00 GiB, of which 15.00"));
  EXPECT_TRUE(leases.add(5 * kGiB, 1min, 20 * kGiB, now));
  EXPECT_EQ(MemoryLeases().add(kGiB, 1min, 0, now).error().kind(), ErrorKind::insufficient_memory);
}

TEST(MemoryLeases, ThereAreNotEndlesslyMany) {
  MemoryLeases leases;
  common::TimePoint now{1h};
  for (std::size_t i = 0; i < MemoryLeases::kMost; ++i) ASSERT_TRUE(leases.add(1, 1min, kGiB, now));
  now += 20s;
  const auto refused = leases.add(1, 1min, kGiB, now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::too_many_requests);
  EXPECT_EQ(refused.error().retry_after(), 40s) << "when the next one ends";
}

}  // namespace
}  // namespace proxy::residency
