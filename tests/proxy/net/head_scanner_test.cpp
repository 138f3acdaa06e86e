#include "proxy/net/head_scanner.hpp"

#include <gtest/gtest.h>

namespace proxy::net {
namespace {

using namespace std::string_view_literals;

constexpr auto kHead = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"sv;

// All at once, and byte by byte: what is found must not depend on how it came.
common::Result<std::optional<std::size_t>> scan(std::string_view text) {
  HeadScanner whole, piecewise;
  auto at_once = whole.scan(text);
  common::Result<std::optional<std::size_t>> bit_by_bit;
  for (std::size_t n = 0; n <= text.size() && bit_by_bit && !*bit_by_bit; ++n) bit_by_bit = piecewise.scan(text.substr(0, n));
  EXPECT_EQ(at_once.has_value(), bit_by_bit.has_value());
  if (at_once && bit_by_bit) EXPECT_EQ(*at_once, *bit_by_bit);
  return at_once;
}

std::optional<std::size_t> end_of(std::string_view text) {
  auto scanned = scan(text);
  EXPECT_TRUE(scanned) << text;
  return scanned ? *scanned : std::nullopt;
}

TEST(HeadScanner, FindsTheEndAndNotBefore) {
  EXPECT_EQ(end_of(kHead), std::optional(kHead.size()));
  EXPECT_EQ(end_of("POST / HTTP/1.1\r\n\r\nbody"), std::optional(19uz));
  for (std::size_t n = 0; n < kHead.size(); ++n) EXPECT_EQ(end_of(kHead.substr(0, n)), std::nullopt) << n;
}

TEST(HeadScanner, DoesNotLookAtTheBody) { EXPECT_EQ(end_of("POST / HTTP/1.1\r\n\r\n\0\n \r"sv), std::optional(19uz)); }

TEST(HeadScanner, RefusesWhatParsersReadDifferently) {
  for (auto bad : {"GET / HTTP/1.1\n"sv, "GET / HTTP/1.1\r\nA: 1\nB: 2\r\n"sv, "GET / HTTP/1.1\r\nA: 1\rB: 2\r\n"sv, "\n"sv,
                   "GET / HTTP/1.1\r\nA: 1\r\n folded\r\n"sv, "GET / HTTP/1.1\r\nA: 1\r\n\tfolded\r\n"sv,
                   "GET / HTTP/1.1\r\n Host: a\r\n"sv, "GET /\0 HTTP/1.1\r\n"sv, "GET / HTTP/1.1\r\nA: \0\r\n"sv}) {
    auto scanned = scan(bad);
    ASSERT_FALSE(scanned) << bad;
    EXPECT_EQ(scanned.error().kind(), common::ErrorKind::bad_framing);
  }
}

}  // namespace
}  // namespace proxy::net
