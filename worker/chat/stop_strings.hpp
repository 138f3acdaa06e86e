// Ends a text at the first of a request's stop strings. What might become one is held back until it cannot, so no part of it leaks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace worker::chat {

// The length of the longest end of `text` that is a proper beginning of `marker`: what a parser must hold back.
std::size_t partial_match(std::string_view text, std::string_view marker);

class StopStrings {
 public:
  explicit StopStrings(std::vector<std::string> stops);  // none of them empty

  // What may be passed on now. Once stopped() it is empty for ever.
  std::string feed(std::string_view text);
  // The end came for another reason: what was held back.
  std::string finish();
  bool stopped() const { return stopped_; }

 private:
  std::vector<std::string> stops_;
  std::string held_;
  bool stopped_ = false;
};

}  // namespace worker::chat
