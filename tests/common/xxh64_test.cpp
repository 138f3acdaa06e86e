#include "common/xxh64.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace common {
namespace {

std::uint64_t hash_of(std::string_view text, std::uint64_t seed = 0) {
  Xxh64 hash(seed);
  hash.feed({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  return hash.finish();
}

// Vectors of the xxHash documentation and of its Python and Go bindings.
TEST(Xxh64, IsTheOneThatEverybodyElseHas) {
  EXPECT_EQ(hash_of(""), 0xef46db3751d8e999u);
  EXPECT_EQ(hash_of("a"), 0xd24ec4f1a98c6e5bu);
  EXPECT_EQ(hash_of("abc"), 0x44bc2cf5ad770999u);
  EXPECT_EQ(hash_of("xxhash", 20141025), 0xb559b98d844e0635u);
  EXPECT_EQ(hash_of("Nobody inspects the spammish repetition"), 0xfbcea83c8a378bf1u);
}

TEST(Xxh64, DoesNotMindInWhatPiecesItIsFed) {
  std::vector<std::uint8_t> bytes;
  for (int i = 0; i < 300; ++i) bytes.push_back(static_cast<std::uint8_t>(i * 7));
  Xxh64 whole;
  whole.feed(bytes);
  for (std::size_t piece = 1; piece <= 70; ++piece) {
    Xxh64 hash;
    for (std::size_t at = 0; at < bytes.size(); at += piece)
      hash.feed(std::span(bytes).subspan(at, std::min(piece, bytes.size() - at)));
    EXPECT_EQ(hash.finish(), whole.finish()) << piece;
  }
}

}  // namespace
}  // namespace common
