#include "proxy/net/connection_table.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace proxy::net {
namespace {

class ConnectionTableTest : public testing::Test {
 protected:
  // A connection whose client has the next word.
  std::unique_ptr<ConnectionTable::Place> waiting(int name) {
    auto place = table.admit();
    if (place) place->wait([this, name] { displaced.push_back(name); });
    return place;
  }

  ConnectionTable table{{.connections = 2, .reserved = 1}};
  std::vector<int> displaced;
};

TEST_F(ConnectionTableTest, AtTheLimitWhoHasWaitedLongestMakesRoom) {
  auto first = waiting(1), second = waiting(2);
  first->wait([this] { displaced.push_back(1); });  // its client has sent something meanwhile
  auto third = table.admit();
  ASSERT_TRUE(third);
  EXPECT_FALSE(third->reserved());
  EXPECT_EQ(displaced, std::vector{2});
  EXPECT_EQ(table.open(), 2u);
  second.reset();
  EXPECT_EQ(table.open(), 2u) << "its place was given back already";
}

TEST_F(ConnectionTableTest, ABurstDisplacesNoMoreThanItNeeds) {
  auto first = waiting(1), second = waiting(2);
  auto third = waiting(3), fourth = waiting(4);
  EXPECT_EQ(displaced, (std::vector{1, 2}));
  EXPECT_EQ(table.displaced(), 2u);
}

TEST_F(ConnectionTableTest, ARequestInHandIsNeverDisplaced) {
  auto first = waiting(1), second = waiting(2);
  first->busy();
  second->busy();
  auto third = table.admit();
  ASSERT_TRUE(third);
  EXPECT_TRUE(third->reserved());
  EXPECT_TRUE(displaced.empty());
}

TEST_F(ConnectionTableTest, BeyondTheReserveNobodyIsLetInUntilSomebodyGoes) {
  auto first = table.admit(), second = table.admit(), third = table.admit();
  EXPECT_FALSE(table.admit());
  EXPECT_EQ(table.refused(), 1u);
  EXPECT_EQ(table.admitted(), 3u);
  first.reset();
  EXPECT_TRUE(table.admit()->reserved()) << "there are still two others";
  third.reset();
  EXPECT_FALSE(table.admit()->reserved());
}

TEST_F(ConnectionTableTest, SlowSendersInTheReserveDisplaceEachOther) {
  auto first = table.admit(), second = table.admit();
  auto third = waiting(3);
  auto fourth = waiting(4);
  ASSERT_TRUE(fourth);
  EXPECT_TRUE(fourth->reserved());
  EXPECT_EQ(displaced, std::vector{3});
}

TEST_F(ConnectionTableTest, WhoWasDisplacedDoesNotWaitAgain) {
  auto first = waiting(1), second = waiting(2), third = waiting(3);
  first->wait([this] { displaced.push_back(-1); });
  auto fourth = table.admit();
  EXPECT_EQ(displaced, (std::vector{1, 2}));
}

}  // namespace
}  // namespace proxy::net
