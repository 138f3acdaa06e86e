#include "registry/foreign/command_line.hpp"

#include <algorithm>

namespace registry::foreign {

using common::ErrorKind;
using common::fail;

namespace {

constexpr std::string_view kBlank = " \t\r\n";
constexpr std::string_view kEscapedInQuotes = "$`\"\\\n";  // POSIX, 2.2.3: elsewhere a backslash between double quotes is one

std::string_view trimmed(std::string_view line) {
  const auto from = line.find_first_not_of(kBlank);
  if (from == std::string_view::npos) return {};
  return line.substr(from, line.find_last_not_of(kBlank) - from + 1);
}

// Calls back with every line, without its end.
template <class OnLine>
void for_each_line(std::string_view text, OnLine on_line) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    on_line(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
}

// A backslash at a line's end is dropped even when blanks follow it, which people who edit YAML do not see.
std::string joined_lines(std::string_view text) {
  std::string out;
  for_each_line(without_comments(text), [&](std::string_view line) {
    const std::string_view inner = trimmed(line);
    if (inner.ends_with('\\')) out += std::string(inner.substr(0, inner.size() - 1)) + ' ';
    else out += std::string(line) + '\n';
  });
  return out;
}

class Splitter {
 public:
  common::Result<Words> split(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      const bool last = i + 1 == text.size();
      if (quote_ == '\'') {
        if (c == '\'') quote_ = 0;
        else word_ += c;
      } else if (c == '\\' && !last && (quote_ == 0 || kEscapedInQuotes.contains(text[i + 1]))) {
        if (text[++i] != '\n') add(text[i]);
      } else if (c == quote_) {
        quote_ = 0;
      } else if (quote_ == 0 && (c == '"' || c == '\'')) {
        quote_ = c;
        in_word_ = true;
      } else if (quote_ == 0 && kBlank.contains(c)) {
        end_word();
      } else {
        add(c);
      }
    }
    if (quote_ != 0) return fail(ErrorKind::bad_request, std::string("a ") + quote_ + " is not closed");
    end_word();
    if (words_.empty()) return fail(ErrorKind::bad_request, "there is nothing to run");
    return std::move(words_);
  }

 private:
  void add(char c) {
    word_ += c;
    in_word_ = true;
  }
  void end_word() {
    if (in_word_) words_.push_back(std::move(word_));
    word_.clear();
    in_word_ = false;
  }

  Words words_;
  std::string word_;
  bool in_word_ = false;  // "" is a word, too
  char quote_ = 0;
};

}  // namespace

std::string without_comments(std::string_view text) {
  std::string out;
  for_each_line(text, [&](std::string_view line) {
    if (!trimmed(line).starts_with('#')) out += std::string(line) + '\n';
  });
  return out;
}

common::Result<Words> split_command(std::string_view text) { return Splitter().split(joined_lines(text)); }

std::optional<std::string> option_value(const Words& words, const std::vector<std::string_view>& names) {
  std::optional<std::string> value;
  for (std::size_t i = 1; i < words.size(); ++i) {
    for (std::string_view name : names) {
      if (words[i] == name && i + 1 < words.size()) value = words[i + 1];
      const bool has_value = words[i].starts_with(name) && words[i].size() > name.size() && words[i][name.size()] == '=';
      if (has_value) value = words[i].substr(name.size() + 1);
    }
  }
  return value;  // the last one counts, as it does for the programs
}

bool has_option(const Words& words, const std::vector<std::string_view>& names) {
  return std::ranges::any_of(words, [&](std::string_view word) {
    return std::ranges::any_of(names, [&](std::string_view name) { return word == name || word.starts_with(std::string(name) + "="); });
  });
}

}  // namespace registry::foreign
