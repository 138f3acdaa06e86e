// Bytes in, whole characters out. Tokens may end inside a character; what follows the last whole one waits for the next token.
#pragma once

#include <string>
#include <string_view>

namespace worker::chat {

class Utf8Gate {
 public:
  // Valid UTF-8, always. A byte that can never become a character is replaced by U+FFFD.
  std::string feed(std::string_view bytes);
  // The end: a character that was never completed is replaced.
  std::string finish();

 private:
  std::string waiting_;  // at most 3 bytes
};

}  // namespace worker::chat
