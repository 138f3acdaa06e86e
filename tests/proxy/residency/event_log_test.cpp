#include "proxy/residency/event_log.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "tests/support/fake_clock.hpp"

namespace proxy::residency {
namespace {

using namespace std::chrono_literals;

class EventsTest : public testing::Test {
 protected:
  void add(const std::string& type) { log.add(type, common::Json::object()); }
  // Starts a wait and says whether it has ended.
  bool waits(std::uint64_t after) {
    auto ended = [this](std::exception_ptr) { woken = true; };
    woken = false;
    boost::asio::co_spawn(loop, log.wait(after, clock, clock.now() + 10s), ended);
    clock.settle();
    return !woken;
  }

  boost::asio::io_context loop{1};
  tests::FakeClock clock{loop};
  EventLog log{loop.get_executor(), 3};
  bool woken = false;
};

TEST_F(EventsTest, AreNumberedWithoutGapsAndReadFromAnywhere) {
  add("a");
  add("b");
  auto all = log.after(0);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id, 1u);
  EXPECT_EQ(all[1].type, "b");
  EXPECT_TRUE(all[1].data.contains("time"));
  EXPECT_EQ(log.after(1).size(), 1u);
  EXPECT_TRUE(log.after(2).empty());
  EXPECT_TRUE(log.after(99).empty());
}

TEST_F(EventsTest, AReaderThatFallsBehindFindsAGap) {
  for (int i = 0; i < 10; ++i) add("a");
  auto kept = log.after(2);
  ASSERT_EQ(kept.size(), 3u);
  EXPECT_EQ(kept.front().id, 8u);
}

TEST_F(EventsTest, WakeWhoeverWaits) {
  ASSERT_TRUE(waits(0));
  add("a");
  clock.settle();
  EXPECT_TRUE(woken);
  EXPECT_FALSE(waits(0)) << "there is something already";
}

TEST_F(EventsTest, AWaitEndsInTimeForAHeartbeat) {
  ASSERT_TRUE(waits(0));
  clock.advance(10s - 1ms);
  EXPECT_FALSE(woken);
  clock.advance(1ms);
  EXPECT_TRUE(woken);
}

}  // namespace
}  // namespace proxy::residency
