// A regular expression, parsed.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "worker/chat/schema/char_set.hpp"

namespace worker::chat::schema {

struct RegexNode {
  enum class What { characters, sequence, choice, repeat, begin, end };
  What what = What::sequence;
  CharSet set;                      // characters
  std::vector<RegexNode> children;  // sequence, choice; the one repeated
  std::size_t min = 0;              // repeat
  std::optional<std::size_t> max;
};

common::Result<RegexNode> parse_regex(std::string_view pattern);

}  // namespace worker::chat::schema
