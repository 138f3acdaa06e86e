#include "worker/chat/schema/regex_tree.hpp"

#include <format>
#include <string>

#include "worker/chat/schema/limits.hpp"

namespace worker::chat::schema {
namespace {

using What = RegexNode::What;

constexpr int kMaxGroups = 40;  // inside one another

const CharSet kDigits{{U'0', U'9'}};
const CharSet kWord{{U'0', U'9'}, {U'A', U'Z'}, {U'_', U'_'}, {U'a', U'z'}};
const CharSet kLineEnds{{U'\n', U'\n'}, {U'\r', U'\r'}, {0x2028, 0x2029}};
const CharSet kSpace{{U'\t', U'\r'},   {U' ', U' '},     {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
                     {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};

CharSet one(char32_t character) { return {{character, character}}; }

// Keeps the first thing that went wrong; after it everything parses as the empty text.
class Parser {
 public:
  explicit Parser(std::string_view pattern) : text_(characters(pattern)) {}

  common::Result<RegexNode> run() {
    RegexNode node = choice();
    if (error_.empty() && at_ < text_.size()) refuse("a ) without its (");
    if (!error_.empty()) return common::fail(common::ErrorKind::bad_request, error_);
    return node;
  }

 private:
  bool more() const { return error_.empty() && at_ < text_.size(); }
  bool sees(std::u32string_view what) const { return std::u32string_view(text_).substr(at_).starts_with(what); }
  bool take(std::u32string_view what) {
    bool there = sees(what);
    if (there) at_ += what.size();
    return there;
  }
  void refuse(std::string_view why) {
    if (error_.empty()) error_ = std::format("{} (at character {} of the pattern)", why, at_);
  }

  RegexNode choice() {
    RegexNode node{.what = What::choice};
    do node.children.push_back(sequence());
    while (more() && take(U"|"));
    return node;
  }

  RegexNode sequence() {
    RegexNode node;
    while (more() && !sees(U"|") && !sees(U")")) node.children.push_back(term());
    return node;
  }

  RegexNode term() {
    if (take(U"^")) return assertion(What::begin);
    if (take(U"$")) return assertion(What::end);
    RegexNode item = atom();
    if (!more()) return item;
    RegexNode repeat{.what = What::repeat};
    if (take(U"*")) {
    } else if (take(U"+")) {
      repeat.min = 1;
    } else if (take(U"?")) {
      repeat.max = 1;
    } else if (!sees(U"{") || !bounds(repeat)) {
      return item;
    }
    take(U"?");  // lazy: finds the same strings
    if (sees(U"*") || sees(U"+") || sees(U"?")) refuse("a repetition of a repetition");
    repeat.children.push_back(std::move(item));
    return repeat;
  }

  RegexNode assertion(What what) {
    RegexNode repeat;
    if (sees(U"*") || sees(U"+") || sees(U"?") || (sees(U"{") && bounds(repeat))) refuse("a repeated anchor");
    return {.what = what};
  }

  // "{2}", "{2,}", "{2,4}"; anything else is a brace that stands for itself.
  bool bounds(RegexNode& repeat) {
    std::size_t start = at_++;
    std::optional<std::size_t> low = number();
    std::optional<std::size_t> high = low;
    if (low && take(U",")) high = number();
    if (!low || !take(U"}")) {
      at_ = start;
      return false;
    }
    repeat.min = *low;
    repeat.max = high;
    if (std::size_t most = std::max(*low, high.value_or(0)); most > kMaxRepetition)
      refuse(std::format("{} repetitions, the limit is {}", most, kMaxRepetition));
    if (high && *high < *low) refuse("a repetition whose bounds are out of order");
    return true;
  }

  std::optional<std::size_t> number() {
    std::optional<std::size_t> value;
    for (; at_ < text_.size() && kDigits.contains(text_[at_]); ++at_) {
      value = value.value_or(0) * 10 + (text_[at_] - U'0');
      if (*value > 1'000'000'000) value = 1'000'000'000;
    }
    return value;
  }

  RegexNode atom() {
    if (take(U"(")) return group();
    CharSet set;
    if (take(U"[")) {
      set = char_class();
    } else if (take(U"\\")) {
      set = escape(false);
    } else if (take(U".")) {
      set = kLineEnds.complement();
    } else if (sees(U"*") || sees(U"+") || sees(U"?")) {
      refuse("nothing to repeat");
    } else {
      set = one(text_[at_++]);
    }
    return {.what = What::characters, .set = std::move(set)};
  }

  RegexNode group() {
    if (take(U"?:")) {
    } else if (sees(U"?=") || sees(U"?!") || sees(U"?<=") || sees(U"?<!")) {
      refuse("looking ahead or back");
    } else if (take(U"?<")) {
      while (more() && text_[at_] != U'>') ++at_;
      if (!take(U">")) refuse("a group name without its end");
    } else if (sees(U"?")) {
      refuse("a group of an unknown kind");
    }
    if (++depth_ > kMaxGroups) refuse(std::format("groups nested deeper than {}", kMaxGroups));
    RegexNode inside = error_.empty() ? choice() : RegexNode{};
    --depth_;
    if (error_.empty() && !take(U")")) refuse("a ( without its )");
    return inside;
  }

  CharSet char_class() {
    bool negated = take(U"^");
    CharSet set;
    while (more() && !sees(U"]")) {
      CharSet low = class_atom();
      if (sees(U"-") && !sees(U"-]") && at_ + 1 < text_.size()) {
        ++at_;
        CharSet high = class_atom();
        if (!error_.empty()) break;
        if (!single(low) || !single(high) || first(low) > first(high)) {
          refuse("a range of characters that is none");
        } else {
          set.add({first(low), first(high)});
        }
      } else {
        set.add(low);
      }
    }
    if (error_.empty() && !take(U"]")) refuse("a [ without its ]");
    return negated ? set.complement() : set;
  }

  static bool single(const CharSet& set) { return set.ranges().size() == 1 && set.ranges()[0].low == set.ranges()[0].high; }
  static char32_t first(const CharSet& set) { return set.ranges()[0].low; }

  CharSet class_atom() {
    if (take(U"\\")) return escape(true);
    return one(text_[at_++]);
  }

  CharSet escape(bool in_class) {
    if (!more()) {
      refuse("a \\ at the end");
      return {};
    }
    char32_t c = text_[at_++];
    switch (c) {
      case U'd': return kDigits;
      case U'D': return kDigits.complement();
      case U'w': return kWord;
      case U'W': return kWord.complement();
      case U's': return kSpace;
      case U'S': return kSpace.complement();
      case U't': return one(U'\t');
      case U'n': return one(U'\n');
      case U'v': return one(U'\v');
      case U'f': return one(U'\f');
      case U'r': return one(U'\r');
      case U'x': return hex(2);
      case U'u': return unicode();
      case U'c': return control();
      case U'b':
        if (in_class) return one(U'\b');
        break;
      case U'0':
        if (at_ >= text_.size() || !kDigits.contains(text_[at_])) return one(0);
        break;
      default:
        if (!kWord.contains(c)) return one(c);
    }
    std::string name;
    append_utf8(name, c);
    refuse(std::format("\\{} is not supported", name));
    return {};
  }

  CharSet control() {
    if (more() && kWord.contains(text_[at_]) && !kDigits.contains(text_[at_]) && text_[at_] != U'_') return one(text_[at_++] % 32);
    refuse("\\c without a letter");
    return {};
  }

  CharSet unicode() {
    if (take(U"{")) {
      std::size_t end = text_.find(U'}', at_);
      CharSet set = hex(end == std::u32string::npos ? 0 : end - at_);
      if (!take(U"}")) refuse("\\u{ without its end");
      return set;
    }
    std::optional<char32_t> high = hex_value(4);
    if (high && *high >= 0xD800 && *high < 0xDC00 && take(U"\\u")) {
      std::optional<char32_t> low = hex_value(4);
      if (low && *low >= 0xDC00 && *low < 0xE000) return one(0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00));
      high.reset();
    }
    return checked(high);
  }

  CharSet hex(std::size_t digits) { return checked(hex_value(digits)); }

  std::optional<char32_t> hex_value(std::size_t digits) {
    char32_t value = 0;
    if (digits == 0 || digits > 6 || at_ + digits > text_.size()) return std::nullopt;
    for (std::size_t i = 0; i < digits; ++i) {
      char32_t c = text_[at_++];
      if (kDigits.contains(c)) {
        value = value * 16 + (c - U'0');
      } else if ((c | 0x20) >= U'a' && (c | 0x20) <= U'f') {
        value = value * 16 + ((c | 0x20) - U'a' + 10);
      } else {
        return std::nullopt;
      }
    }
    return value;
  }

  CharSet checked(std::optional<char32_t> value) {
    CharSet set;
    if (value && *value <= 0x10FFFF) set = one(*value);
    if (set.empty()) refuse("an escape that names no character");
    return set;
  }

  std::u32string text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::string error_;
};

}  // namespace

common::Result<RegexNode> parse_regex(std::string_view pattern) { return Parser(pattern).run(); }

}  // namespace worker::chat::schema
