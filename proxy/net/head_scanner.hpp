// Finds the end of a request's head among the bytes received so far, and refuses what lenient and strict parsers read differently (RFC
// 9112): lone CR or LF, NUL, folded lines. Pure; Beast parses what passes.
#pragma once

#include <optional>
#include <string_view>

#include "common/result.hpp"

namespace proxy::net {

class HeadScanner {
 public:
  // `received` is all of it, each time; only what is new is looked at. The head's size with its empty line, nothing while that has not
  // come, or ErrorKind::bad_framing.
  common::Result<std::optional<std::size_t>> scan(std::string_view received);

 private:
  std::size_t seen_ = 0;
};

}  // namespace proxy::net
