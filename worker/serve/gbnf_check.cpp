#include "worker/serve/gbnf_check.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <format>
#include <limits>

namespace worker::serve {

namespace {

// libllama reads what is in brackets, and walks from rule to rule, by recursion: what is nested deeper would overflow the stack.
constexpr std::size_t kMaxDepth = 200;

bool begins_with_digit(std::string_view text) { return !text.empty() && text.front() >= '0' && text.front() <= '9'; }

// Reads the text from its front to its end.
class Scanner {
 public:
  // libllama sees no further than the first zero byte.
  explicit Scanner(std::string_view text) : rest_(text.substr(0, text.find('\0'))) {}

  std::optional<std::string> fault() {
    std::size_t depth = 0;
    while (true) {
      skip_space();
      if (rest_.empty()) return std::nullopt;
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') skip_past('"', true);
      if (c == '[') skip_past(']', true);
      if (c == '<') skip_past('>', false);
      if (c == '(' && ++depth > kMaxDepth) return std::format("may nest brackets {} deep, not deeper", kMaxDepth);
      if (c == ')' && depth > 0) --depth;
      if (c == '{') {
        if (auto wrong = repetition()) return wrong;
      }
    }
  }

 private:
  void skip_past(char end, bool has_escapes) {
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == end) return;
      if (c == '\\' && has_escapes && !rest_.empty()) rest_.remove_prefix(1);
    }
  }

  // Comments are space.
  void skip_space() {
    while (!rest_.empty()) {
      if (rest_.front() == '#') {
        rest_.remove_prefix(std::min(rest_.find_first_of("\r\n"), rest_.size()));
      } else if (std::string_view(" \t\r\n").contains(rest_.front())) {
        rest_.remove_prefix(1);
      } else {
        return;
      }
    }
  }

  // Numbers that do not fit are the largest one: libllama refuses far smaller ones.
  std::optional<std::uint64_t> number() {
    skip_space();
    if (!begins_with_digit(rest_)) return std::nullopt;
    auto value = std::numeric_limits<std::uint64_t>::max();
    const auto read = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    rest_.remove_prefix(static_cast<std::size_t>(read.ptr - rest_.data()));
    skip_space();
    return value;
  }

  // What follows a "{". Of {5,2} libllama would make as many rules as an unsigned 2 - 5 says (ggml-org/llama.cpp#23108).
  std::optional<std::string> repetition() {
    const auto least = number();
    if (!least || !rest_.starts_with(',')) return std::nullopt;
    rest_.remove_prefix(1);
    const auto most = number();
    if (!most || *most >= *least) return std::nullopt;
    return std::format("holds the repetition {{{},{}}}, whose second number may not be the smaller one", *least, *most);
  }

  std::string_view rest_;
};

}  // namespace

std::optional<std::string> unreadable_gbnf(std::string_view grammar) { return Scanner(grammar).fault(); }

}  // namespace worker::serve
