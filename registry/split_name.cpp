#include "registry/split_name.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace registry {

std::optional<SplitName> split_name(std::string_view stem) {
  constexpr std::string_view kTail = "-00001-of-00005";
  constexpr std::size_t kDigits = 5, kNumberAt = 1, kBetweenAt = 6, kPartsAt = 10;
  if (stem.size() <= kTail.size()) return std::nullopt;
  const std::string_view tail = stem.substr(stem.size() - kTail.size());
  const auto number_at = [tail](std::size_t at) -> std::optional<std::uint32_t> {
    const std::string_view digits = tail.substr(at, kDigits);
    if (!std::ranges::all_of(digits, [](unsigned char c) { return std::isdigit(c); })) return std::nullopt;
    std::uint32_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
  };
  const auto number = number_at(kNumberAt), parts = number_at(kPartsAt);
  if (tail.front() != '-' || tail.substr(kBetweenAt, kPartsAt - kBetweenAt) != "-of-" || !number || !parts) return std::nullopt;
  return SplitName{.name = std::string(stem.substr(0, stem.size() - kTail.size())), .number = *number, .parts = *parts};
}

}  // namespace registry
