// A whole number that is the whole of a text: decimal digits, a minus before them where the type has one, and nothing else.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

namespace common {

// Nothing: the text is something else, or the number does not fit.
template <std::integral T>
std::optional<T> whole_number(std::string_view text) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  return problem == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

}  // namespace common
