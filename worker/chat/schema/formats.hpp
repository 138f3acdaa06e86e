// The `format`s that a grammar can say.
//
// Some are said narrower than their specification: a year has four digits and starts at 1000, an e-mail address has no quoted part. What
// is generated is always valid; a string outside may still be valid too.
#pragma once

#include <optional>
#include <string_view>

namespace worker::chat::schema {

// The whole string as an anchored regular expression.
std::optional<std::string_view> format_regex(std::string_view format);
// A format that JSON Schema defines and that is not one of the above.
bool is_known_format(std::string_view format);

}  // namespace worker::chat::schema
