// Names that people mistype, and what they probably meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace common {

// Of ASCII letters.
std::string lower(std::string_view text);

// Up to `limit` of `known` that are nearest to `wanted`, best first: by edit distance (Damerau-Levenshtein, optimal string alignment), a
// name that contains `wanted` or is contained in it counting as close. Names too far away to be a plausible slip are left out.
std::vector<std::string> nearest_names(std::string_view wanted, const std::vector<std::string>& known, std::size_t limit = 3);

// "did you mean a, b or c?", or empty when `names` is.
std::string did_you_mean(const std::vector<std::string>& names);

}  // namespace common
