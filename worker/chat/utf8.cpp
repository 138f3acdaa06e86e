#include "worker/chat/utf8.hpp"

#include <cstddef>

namespace worker::chat {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

struct Range {
  unsigned char low = 0x80, high = 0xBF;
};

// How long a character beginning with `lead` is (0: none does), and what its second byte may be: this excludes overlong forms,
// surrogates and what lies beyond U+10FFFF (Unicode, table 3-7).
std::size_t length_of(unsigned char lead, Range& second) {
  second = {};
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (lead == 0xE0) second.low = 0xA0;
    if (lead == 0xED) second.high = 0x9F;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (lead == 0xF0) second.low = 0x90;
    if (lead == 0xF4) second.high = 0x8F;
    return 4;
  }
  return 0;
}

}  // namespace

std::string Utf8Gate::feed(std::string_view bytes) {
  waiting_ += bytes;
  std::string out;
  std::size_t at = 0;
  while (at < waiting_.size()) {
    Range allowed;
    std::size_t length = length_of(static_cast<unsigned char>(waiting_[at]), allowed);
    std::size_t good = 1;
    for (; good < length && at + good < waiting_.size(); ++good) {
      auto byte = static_cast<unsigned char>(waiting_[at + good]);
      if (byte < allowed.low || byte > allowed.high) break;
      allowed = {};
    }
    if (length > 0 && good == length) {
      out.append(waiting_, at, length);
    } else if (length > 0 && at + good == waiting_.size()) {
      break;  // so far so good: the rest may come
    } else {
      out += kReplacement;
    }
    at += good;
  }
  waiting_.erase(0, at);
  return out;
}

std::string Utf8Gate::finish() {
  bool cut = !waiting_.empty();
  waiting_.clear();
  return cut ? std::string(kReplacement) : std::string();
}

}  // namespace worker::chat
