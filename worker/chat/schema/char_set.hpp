// A set of Unicode characters. Surrogates are no characters and are never in it.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace worker::chat::schema {

struct CharRange {
  char32_t low = 0, high = 0;  // both included
  bool operator==(const CharRange&) const = default;
};

class CharSet {
 public:
  CharSet() = default;
  CharSet(std::initializer_list<CharRange> ranges);
  static CharSet all();

  void add(CharRange range);
  void add(const CharSet& other);
  CharSet complement() const;
  CharSet without(const CharSet& other) const;
  CharSet intersect(const CharSet& other) const;

  bool empty() const { return ranges_.empty(); }
  bool contains(char32_t character) const;
  const std::vector<CharRange>& ranges() const { return ranges_; }  // ascending, with gaps between them
  bool operator==(const CharSet&) const = default;

 private:
  std::vector<CharRange> ranges_;
};

// Of valid UTF-8; what is not becomes U+FFFD.
std::u32string characters(std::string_view utf8);
void append_utf8(std::string& text, char32_t character);

}  // namespace worker::chat::schema
