// The rules that every grammar of ours may use: any JSON value, compact, in a canonical spelling.
//
// `value`, `object`, `array`, `string`, `number`, `integer`, `boolean`, `null`: as in JSON. `char`: one character inside a string.
// `escape`: one that must be escaped. `gap`: white space between tokens. `colon`: the one after a name.
//
// White space is at most one space, or one line break and some indentation. Every character has one spelling: it stands for itself unless
// JSON forbids that, so a name cannot be written in a second way that a rule does not see, and one `char` is one character of a length.
// Control characters that have no short escape are never written. Numbers have few enough digits to be read as finite.
#pragma once

#include <string_view>

#include "worker/chat/schema/char_set.hpp"
#include "worker/chat/schema/rules.hpp"

namespace worker::chat::schema {

std::string_view base_rules();

struct Escape {
  char32_t character;
  std::string_view spelling;
};
const std::vector<Escape>& escapes();
// What stands for itself in a string.
const CharSet& plain_characters();

inline Item base(std::string_view rule) { return terminal(std::string(rule)); }

}  // namespace worker::chat::schema
