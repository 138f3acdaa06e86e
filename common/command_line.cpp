#include "common/command_line.hpp"

#include <algorithm>

namespace common {
namespace {

constexpr std::string_view kOpening = "${";

// Calls `take` with every piece of the text in turn: the name of a placeholder, or what is none.
template <class Take>
void split(std::string_view text, const Take& take) {
  const auto is_of_a_name = [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; };
  std::size_t plain = 0;  // where what was not taken yet begins
  for (std::size_t at = text.find(kOpening); at != std::string_view::npos; at = text.find(kOpening, at + 1)) {
    const std::size_t begin = at + kOpening.size(), end = text.find('}', begin);
    if (end == std::string_view::npos) break;
    const std::string_view name = text.substr(begin, end - begin);
    if (name.empty() || !std::ranges::all_of(name, is_of_a_name)) continue;
    take(text.substr(plain, at - plain), false);
    take(name, true);
    plain = end + 1;
  }
  take(text.substr(plain), false);
}

}  // namespace

std::vector<std::string> placeholders_in(std::string_view text) {
  std::vector<std::string> names;
  split(text, [&](std::string_view piece, bool is_name) {
    if (is_name) names.emplace_back(piece);
  });
  return names;
}

std::vector<std::string> placeholders_in(const CommandLine& line) {
  std::vector<std::string> names;
  const auto look = [&](const std::string& text) { std::ranges::copy(placeholders_in(std::string_view(text)), std::back_inserter(names)); };
  std::ranges::for_each(line.arguments, look);
  for (const auto& [name, value] : line.environment) look(value);
  return names;
}

std::string fill_in(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string filled;
  split(text, [&](std::string_view piece, bool is_name) {
    auto value = is_name ? values.find(std::string(piece)) : values.end();
    if (value != values.end()) filled += value->second;
    else if (is_name) filled.append(kOpening).append(piece).append("}");
    else filled += piece;
  });
  return filled;
}

}  // namespace common
