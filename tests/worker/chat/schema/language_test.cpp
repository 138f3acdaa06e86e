#include "worker/chat/schema/language.hpp"

#include <gtest/gtest.h>

#include "worker/chat/schema/limits.hpp"
#include "worker/chat/schema/regex.hpp"

namespace worker::chat::schema {
namespace {

Language regex(std::string_view pattern) {
  WorkLeft work{kMaxAutomataWork};
  return *find_regex(pattern, work);
}

const std::vector<std::string> kTexts = {"", "a", "b", "ab", "ba", "aab", "abab", "é", "x\ny", "0", "12", "-12"};

TEST(Language, CombinesAsSetsDo) {
  const char* patterns[] = {"a", "^b", "ab$", "^(ab)*$", "^$", "[^a]", "^.{2}$"};
  WorkLeft work{kMaxAutomataWork};
  for (const char* left : patterns) {
    for (const char* right : patterns) {
      Language a = regex(left), b = regex(right);
      Language both = *a.intersect(b, work), either = *a.unite(b, work), not_a = a.complement();
      for (const std::string& text : kTexts) {
        EXPECT_EQ(both.contains(text), a.contains(text) && b.contains(text)) << left << " " << right << " " << text;
        EXPECT_EQ(either.contains(text), a.contains(text) || b.contains(text)) << left << " " << right << " " << text;
        EXPECT_EQ(not_a.contains(text), !a.contains(text)) << left << " " << text;
      }
      EXPECT_TRUE(a.intersect(not_a, work)->empty());
    }
  }
}

TEST(Language, HoldsExactlyTheStringsGiven) {
  Language names = Language::of({"foo", "fool", "é"});
  for (const char* text : {"foo", "fool", "é"}) EXPECT_TRUE(names.contains(text));
  for (const char* text : {"", "fo", "fools", "e"}) EXPECT_FALSE(names.contains(text));
  EXPECT_TRUE(Language::of({""}).contains(""));
  EXPECT_TRUE(Language::of({}).empty());
}

TEST(Language, CountsCharacters) {
  Language two = Language::of_length(2, 3);
  EXPECT_FALSE(two.contains("é"));
  EXPECT_TRUE(two.contains("é€"));
  EXPECT_TRUE(two.contains("😀😀😀"));
  EXPECT_FALSE(two.contains("abcd"));
  EXPECT_TRUE(Language::of_length(2, std::nullopt).contains("abcdef"));
  EXPECT_TRUE(Language::of_length(3, 2).empty());
}

TEST(Language, KnowsMultiples) {
  for (std::size_t divisor : {1u, 2u, 7u, 10u, 97u}) {
    Language multiples = Language::multiples_of(divisor);
    for (std::size_t value = 0; value < 500; ++value) EXPECT_EQ(multiples.contains(std::to_string(value)), value % divisor == 0) << value;
  }
}

TEST(Language, StopsWhenNoWorkIsLeft) {
  WorkLeft none{10};
  EXPECT_FALSE(find_regex("abc", none));
  WorkLeft little{10};
  EXPECT_FALSE(regex("a.*b").intersect(regex("b.*c"), little));
}

TEST(CharSet, KeepsSurrogatesOutAndRangesApart) {
  CharSet all = CharSet::all();
  EXPECT_FALSE(all.contains(0xD800));
  EXPECT_TRUE(all.contains(0xD7FF) && all.contains(0xE000) && all.contains(0x10FFFF));
  EXPECT_TRUE(all.complement().empty());
  CharSet set{{'a', 'c'}, {'d', 'f'}, {'b', 'e'}};
  EXPECT_EQ(set.ranges(), (std::vector<CharRange>{{'a', 'f'}}));
  EXPECT_EQ(set.complement().complement(), set);
  EXPECT_EQ(set.without({{'b', 'e'}}).ranges(), (std::vector<CharRange>{{'a', 'a'}, {'f', 'f'}}));
}

}  // namespace
}  // namespace worker::chat::schema
