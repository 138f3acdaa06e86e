#include "proxy/residency/leases.hpp"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "tests/support/fake_clock.hpp"

namespace proxy::residency {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

const common::Error kWhy(common::ErrorKind::memory_pressure, "memory is short");

class LeasesTest : public testing::Test {
 protected:
  // On a server of somebody else's.
  Lease grant(WaiterId waiter) {
    auto entry = std::make_shared<registry::Model>();
    entry->command = common::CommandLine{.answer_timeout = 60s};
    return leases.grant(Grant{.waiter = waiter, .model = "theirs"}, "theirs/1", std::move(entry), common::UnixAddress{"/x"}, "sha256:0");
  }
  std::optional<TimePoint> silent_since() const { return leases.serving("theirs").silent_since; }

  boost::asio::io_context loop{1};
  tests::FakeClock clock{loop};
  int changes = 0;
  std::vector<WaiterId> back;
  Leases leases{
      clock, {.serving_changed = [this](const ModelId&) { ++changes; }, .came_back = [this](WaiterId waiter) { back.push_back(waiter); }}};
};

TEST_F(LeasesTest, AServerIsSilentSinceSomebodyWaitsForItOrItWasHeardLast) {
  Lease first = grant(1), second = grant(2);
  EXPECT_EQ(leases.serving("theirs").requests, 2u);
  EXPECT_FALSE(silent_since()) << "nobody listens yet";
  const TimePoint began = clock.now();
  first.listens(true);
  clock.advance(1s);
  second.listens(true);
  EXPECT_TRUE(silent_since() == began);
  clock.advance(1s);
  second.listens(false);
  EXPECT_TRUE(silent_since() == clock.now()) << "a piece has come for one of them";
  first.listens(false);
  EXPECT_FALSE(silent_since()) << "both have a piece in hand";
  EXPECT_EQ(changes, 4);
}

TEST_F(LeasesTest, WhoIsToldMayGiveLeasesBackAtOnce) {
  std::vector<Lease> held;
  for (WaiterId waiter = 1; waiter <= 4; ++waiter) held.push_back(grant(waiter));
  for (Lease& lease : held)
    lease.on_ended([&held] {
      for (Lease& each : held) each.reset();
    });
  EXPECT_EQ(leases.end_all("theirs", kWhy), 1u) << "the others had come back by then";
  EXPECT_THAT(back, ElementsAre(1, 2, 3, 4));
}

TEST_F(LeasesTest, ALeaseEndsOnceAndComesBackOnce) {
  {
    Lease lease = grant(7);
    EXPECT_EQ(leases.end_all("ours", kWhy), 0u);
    EXPECT_EQ(leases.end(7, kWhy), 1u);
    EXPECT_TRUE(lease.ended());
    EXPECT_EQ(leases.end(7, kWhy), 0u);
    EXPECT_EQ(leases.end_all("theirs", kWhy), 0u);
    EXPECT_THAT(back, testing::IsEmpty());
  }
  EXPECT_THAT(back, ElementsAre(7u));
  EXPECT_EQ(leases.serving("theirs").requests, 0u);
  EXPECT_EQ(leases.end(7, kWhy), 0u) << "there is none any more";
}

}  // namespace
}  // namespace proxy::residency
