// A text in every way it can be cut: what a streaming parser says must not depend on the cuts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace worker::chat {

using Pieces = std::vector<std::string>;

// Byte by byte, and cut in two and in three at every place.
inline std::vector<Pieces> every_cut(std::string_view text) {
  std::vector<Pieces> all(1);
  for (char byte : text) all[0].emplace_back(1, byte);
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (std::size_t second = first; second <= text.size(); ++second) {
      all.push_back(
          {std::string(text.substr(0, first)), std::string(text.substr(first, second - first)), std::string(text.substr(second))});
    }
  }
  return all;
}

}  // namespace worker::chat
