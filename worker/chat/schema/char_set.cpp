#include "worker/chat/schema/char_set.hpp"

#include <algorithm>

namespace worker::chat::schema {
namespace {

constexpr char32_t kLast = 0x10FFFF;
constexpr CharRange kSurrogates{0xD800, 0xDFFF};

}  // namespace

CharSet::CharSet(std::initializer_list<CharRange> ranges) {
  for (CharRange range : ranges) add(range);
}

CharSet CharSet::all() { return {{0, kLast}}; }

void CharSet::add(CharRange range) {
  if (range.low < kSurrogates.low && range.high > kSurrogates.high) {
    add({range.low, kSurrogates.low - 1});
    return add({kSurrogates.high + 1, range.high});
  }
  if (range.low >= kSurrogates.low && range.low <= kSurrogates.high) range.low = kSurrogates.high + 1;
  if (range.high >= kSurrogates.low && range.high <= kSurrogates.high) range.high = kSurrogates.low - 1;
  if (range.low > range.high) return;
  std::vector<CharRange> merged;
  for (CharRange have : ranges_) {
    if (have.high + 1 < range.low || range.high + 1 < have.low) {
      merged.push_back(have);
    } else {
      range = {std::min(have.low, range.low), std::max(have.high, range.high)};
    }
  }
  merged.push_back(range);
  std::ranges::sort(merged, {}, &CharRange::low);
  ranges_ = std::move(merged);
}

void CharSet::add(const CharSet& other) {
  for (CharRange range : other.ranges_) add(range);
}

CharSet CharSet::complement() const {
  CharSet rest;
  char32_t next = 0;
  for (CharRange range : ranges_) {
    if (range.low > next) rest.add({next, range.low - 1});
    next = range.high + 1;
  }
  if (next <= kLast) rest.add({next, kLast});
  return rest;
}

CharSet CharSet::intersect(const CharSet& other) const {
  CharSet both;
  for (CharRange a : ranges_)
    for (CharRange b : other.ranges_)
      if (a.low <= b.high && b.low <= a.high) both.add({std::max(a.low, b.low), std::min(a.high, b.high)});
  return both;
}

CharSet CharSet::without(const CharSet& other) const { return intersect(other.complement()); }

bool CharSet::contains(char32_t character) const {
  return std::ranges::any_of(ranges_, [&](CharRange range) { return range.low <= character && character <= range.high; });
}

std::u32string characters(std::string_view utf8) {
  std::u32string out;
  for (std::size_t at = 0; at < utf8.size();) {
    auto lead = static_cast<unsigned char>(utf8[at++]);
    int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    char32_t character = more == 3 ? lead & 0x07 : more == 2 ? lead & 0x0F : more == 1 ? lead & 0x1F : lead;
    bool good = lead < 0x80 || lead >= 0xC0;
    for (; more > 0 && good; --more) {
      good = at < utf8.size() && (static_cast<unsigned char>(utf8[at]) & 0xC0) == 0x80;
      if (good) character = (character << 6) | (static_cast<unsigned char>(utf8[at++]) & 0x3F);
    }
    out.push_back(good ? character : U'\uFFFD');
  }
  return out;
}

void append_utf8(std::string& text, char32_t c) {
  auto put = [&](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0 | (c >> 6));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
  }
  put(0x80 | (c & 0x3F));
}

}  // namespace worker::chat::schema
