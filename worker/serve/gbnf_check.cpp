#include "worker/serve/gbnf_check.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <expected>
#include <format>
#include <limits>

namespace worker::serve {

namespace {

// libllama reads what is in brackets, and walks from rule to rule, by recursion: what is nested deeper would overflow the stack.
constexpr std::size_t kMaxDepth = 200;
// An element of a rule takes eight bytes, in the parser twice and once for every choice of the answer.
constexpr std::uint64_t kMaxWritten = 4'000'000;
constexpr std::uint64_t kRule = 8;           // what a rule takes besides its elements, in elements
constexpr std::uint64_t kMostCopies = 2000;  // libllama refuses more, or takes them for any number

bool begins_with_digit(std::string_view text) { return !text.empty() && text.front() >= '0' && text.front() <= '9'; }

// Reads the text from its front to its end.
class Scanner {
 public:
  // libllama sees no further than the first zero byte.
  explicit Scanner(std::string_view text) : rest_(text.substr(0, text.find('\0'))) {}

  std::optional<std::string> fault() {
    while (true) {
      skip_space();
      if (rest_.empty()) return std::nullopt;
      const std::size_t before = rest_.size();
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '*' || c == '+' || c == '?' || c == '{') {
        const auto times = c == '{' ? copies() : 1;
        if (!times) return times.error();
        if (!repeat(*times)) return std::format("repeats too much: written out it has more than {} characters", kMaxWritten);
        continue;
      }
      if (c == '"') skip_past('"', true);
      if (c == '[') skip_past(']', true);
      if (c == '<') skip_past('>', false);
      if (c == '(' && ++depth_ > kMaxDepth) return std::format("may nest brackets {} deep, not deeper", kMaxDepth);
      if (c == ')' && depth_ > 0) --depth_;
      item_ = before - rest_.size();
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

  // How often what follows a "{" says, at most. Of {5,2} libllama would make as many rules as an unsigned 2 - 5 says
  // (ggml-org/llama.cpp#23108).
  std::expected<std::uint64_t, std::string> copies() {
    const auto least = number();
    if (!least) return 1;
    auto most = least;
    if (rest_.starts_with(',')) {
      rest_.remove_prefix(1);
      most = number();
    }
    if (most && *most < *least)
      return std::unexpected(std::format("holds the repetition {{{},{}}}, whose second number may not be the smaller one", *least, *most));
    return std::min(most.value_or(*least), kMostCopies) + 1;
  }

  // libllama writes all of what is repeated out, for every copy and as a rule of its own where that may be missing. False: too often.
  bool repeat(std::uint64_t times) {
    written_ += times * (item_ + kRule);
    item_ = item_ * times + 1;
    return written_ <= kMaxWritten;
  }

  std::string_view rest_;
  std::size_t depth_ = 0;
  std::uint64_t item_ = 1;     // bytes that a repetition would repeat
  std::uint64_t written_ = 0;  // by repetitions
};

}  // namespace

std::optional<std::string> unreadable_gbnf(std::string_view grammar) { return Scanner(grammar).fault(); }

}  // namespace worker::serve
