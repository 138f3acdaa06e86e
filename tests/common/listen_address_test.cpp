#include "common/listen_address.hpp"

#include <gtest/gtest.h>

namespace common {
namespace {

TEST(ListenAddress, IsParsedOrExplained) {
  EXPECT_EQ(parse_listen_address("127.0.0.1:80")->port, 80);
  EXPECT_EQ(parse_listen_address("[::1]:8080")->host, "::1");
  EXPECT_TRUE(parse_listen_address("localhost:1")->loopback());
  EXPECT_FALSE(parse_listen_address("0.0.0.0:1")->loopback());
  for (const char* bad : {"", "1234", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "host.example:80", "127.0.0.1:8x", "[localhost]:80"})
    EXPECT_FALSE(parse_listen_address(bad)) << bad;
}

TEST(ListenAddress, IsSplitAsItIsWritten) {
  EXPECT_EQ(split_address("[::1]:8080")->host, "::1");
  EXPECT_EQ(split_address("host.example:8x")->host, "host.example");
  EXPECT_EQ(split_address("host.example:8x")->port, "8x");
  EXPECT_FALSE(split_address("1234"));
}

}  // namespace
}  // namespace common
