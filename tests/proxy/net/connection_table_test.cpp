#include "proxy/net/connection_table.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace proxy::net {
namespace {

using namespace std::chrono_literals;

// Two requests may be in hand and a third in the reserve.
class ConnectionTableTest : public testing::Test {
 protected:
  // A connection whose client has the next word.
  std::unique_ptr<ConnectionTable::Place> waiting(int name) {
    auto place = table.admit();
    if (place) wait(*place, name);
    return place;
  }
  void wait(ConnectionTable::Place& place, int name) {
    place.wait(now, [this, name] { displaced.push_back(name); });
  }
  std::unique_ptr<ConnectionTable::Place> busy() {
    auto place = table.admit();
    if (place) place->busy();
    return place;
  }

  ConnectionTable table{{.connections = 2, .reserved = 1, .grace = 50ms}};
  common::TimePoint now{};
  std::vector<int> displaced;
};

TEST_F(ConnectionTableTest, WhenAllPlacesAreTakenWhoHasWaitedLongestMakesRoom) {
  auto first = waiting(1), second = waiting(2), third = waiting(3);
  wait(*first, 1);  // its client has sent something meanwhile
  auto fourth = table.admit();
  ASSERT_TRUE(fourth);
  EXPECT_EQ(displaced, std::vector{2});
  EXPECT_EQ(table.open(), 3u);
  second.reset();
  EXPECT_EQ(table.open(), 3u) << "its place was given back already";
}

TEST_F(ConnectionTableTest, ABurstDisplacesNoMoreThanItNeeds) {
  auto first = waiting(1), second = waiting(2), third = waiting(3);
  auto fourth = waiting(4), fifth = waiting(5);
  EXPECT_EQ(displaced, (std::vector{1, 2}));
  EXPECT_EQ(table.displaced(), 2u);
}

TEST_F(ConnectionTableTest, NewcomersAreKeptWaitingUntilSomebodysGraceIsOver) {
  auto first = waiting(1);
  now += 10ms;
  auto second = waiting(2);
  EXPECT_EQ(table.until_room(now), std::nullopt) << "there is a place";
  auto third = waiting(3);
  EXPECT_EQ(table.until_room(now), 40ms);
  now += 39ms;
  EXPECT_EQ(table.until_room(now), 1ms);
  now += 1ms;
  EXPECT_EQ(table.until_room(now), std::nullopt);
  auto fourth = waiting(4);
  EXPECT_EQ(displaced, std::vector{1});
  EXPECT_EQ(table.until_room(now), 10ms) << "the second's";
  third.reset();
  EXPECT_EQ(table.until_room(now), std::nullopt) << "somebody went";
}

TEST_F(ConnectionTableTest, TheGraceBeginsAnewWithEachTurn) {
  auto first = waiting(1), second = waiting(2), third = waiting(3);
  now += 50ms;
  second->busy();
  third->busy();
  now += 50ms;
  wait(*first, 1);
  EXPECT_EQ(table.until_room(now), 50ms);
}

TEST_F(ConnectionTableTest, ARequestInHandIsNeverDisplaced) {
  auto first = busy(), second = busy(), third = busy();
  EXPECT_EQ(table.until_room(now), std::nullopt) << "nobody will make room";
  EXPECT_FALSE(table.admit());
  EXPECT_EQ(table.refused(), 1u);
  EXPECT_EQ(table.admitted(), 3u);
  EXPECT_TRUE(displaced.empty());
  first.reset();
  EXPECT_TRUE(table.admit());
}

TEST_F(ConnectionTableTest, BeyondTheLimitOfRequestsInHandIsTheReserve) {
  auto first = busy(), second = busy();
  EXPECT_FALSE(first->reserved());
  EXPECT_FALSE(second->reserved());
  auto third = waiting(3);
  third->busy();
  EXPECT_TRUE(third->reserved());
  wait(*third, 3);
  first.reset();
  third->busy();
  EXPECT_FALSE(third->reserved()) << "there is one other";
}

TEST_F(ConnectionTableTest, WhoseClientHasTheNextWordLeavesTheReserveToOthers) {
  auto first = waiting(1), second = waiting(2), third = waiting(3);
  third->busy();
  EXPECT_FALSE(third->reserved());
  now += 50ms;
  auto fourth = busy();
  EXPECT_FALSE(fourth->reserved());
  EXPECT_EQ(displaced, std::vector{1});
  second->busy();
  EXPECT_TRUE(second->reserved());
}

TEST_F(ConnectionTableTest, SlowSendersInTheReserveDisplaceEachOther) {
  auto first = busy(), second = busy();
  auto third = waiting(3);
  auto fourth = waiting(4);
  ASSERT_TRUE(fourth);
  EXPECT_EQ(displaced, std::vector{3});
}

TEST_F(ConnectionTableTest, WhoWasDisplacedDoesNotWaitAgain) {
  auto first = waiting(1), second = waiting(2), third = waiting(3), fourth = waiting(4);
  wait(*first, -1);
  first->busy();
  EXPECT_FALSE(first->reserved());
  auto fifth = table.admit();
  EXPECT_EQ(displaced, (std::vector{1, 2}));
}

}  // namespace
}  // namespace proxy::net
