#include "worker/chat/template_source.hpp"

#include <format>
#include <vector>

namespace worker::chat {
namespace {

bool of_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

// Where the name ends that stands before the bracket at `bracket`, begins; npos if there is none, or it is a method's.
std::size_t function_name(std::string_view code, std::size_t bracket) {
  std::size_t begin = bracket;
  while (begin > 0 && of_name(code[begin - 1])) --begin;
  if (begin == bracket || (code[begin] >= '0' && code[begin] <= '9')) return std::string_view::npos;
  return begin > 0 && code[begin - 1] == '.' ? std::string_view::npos : begin;
}

void drop_arguments_of_tojson(std::string& code) {
  for (std::string_view argument : {"ensure_ascii=False", "ensure_ascii=false", "separators=(',', ':')"}) {
    for (std::size_t at = code.find(argument); at != std::string::npos; at = code.find(argument, at)) {
      std::size_t length = argument.size();
      bool first = at > 0 && code[at - 1] == '(';
      if (!first && at >= 2 && code.compare(at - 2, 2, ", ") == 0) at -= 2, length += 2;
      else if (first && code.compare(at + length, 2, ", ") == 0) length += 2;
      code.erase(at, length);
    }
  }
  for (std::size_t at = code.find("tojson()"); at != std::string::npos; at = code.find("tojson()", at)) code.erase(at + 6, 2);
}

std::string rewrite_code(std::string_view code) {
  std::string out(code);
  drop_arguments_of_tojson(out);
  std::vector<std::size_t> open;
  char quote = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    char c = out[i];
    if (quote != 0) {
      if (c == '\\') ++i;
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '(') {
      open.push_back(i);
    } else if (c == ')' && !open.empty()) {
      std::size_t bracket = open.back();
      open.pop_back();
      std::size_t name = i + 1 < out.size() && out[i + 1] == '.' ? function_name(out, bracket) : std::string::npos;
      if (name == std::string::npos) continue;
      out.insert(i + 1, ")");
      out.insert(name, "(");
      i += 2;
    }
  }
  return out;
}

// What a block defines as a macro, or nothing.
std::string_view macro_name(std::string_view code) {
  std::size_t from = code.find_first_not_of("-+ \t\r\n");
  if (from == std::string_view::npos || !code.substr(from).starts_with("macro ")) return {};
  code.remove_prefix(code.find_first_not_of(' ', from + 6));
  std::size_t length = 0;
  while (length < code.size() && of_name(code[length])) ++length;
  return code.substr(0, length);
}

// The end of a {{ or {% whose inside begins at `from`: brackets in quotes do not count.
std::size_t end_of_code(std::string_view source, std::size_t from, std::string_view close) {
  char quote = 0;
  for (std::size_t i = from; i < source.size(); ++i) {
    char c = source[i];
    if (quote != 0) {
      if (c == '\\') ++i;
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (source.substr(i).starts_with(close)) {
      return i;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::string for_minja(std::string_view source) {
  std::string out, last_words;
  while (true) {
    std::size_t open = source.find('{');
    while (open != std::string_view::npos && (open + 1 == source.size() || !std::string_view("{%#").contains(source[open + 1])))
      open = source.find('{', open + 1);
    if (open == std::string_view::npos) break;
    bool comment = source[open + 1] == '#';
    std::string_view close = comment ? "#}" : source[open + 1] == '{' ? "}}" : "%}";
    std::size_t end = comment ? source.find(close, open + 2) : end_of_code(source, open + 2, close);
    if (end == std::string_view::npos) break;  // for the parser to complain about
    out += source.substr(0, open + 2);
    std::string_view code = source.substr(open + 2, end - open - 2);
    out += comment ? std::string(code) : rewrite_code(code);
    if (std::string_view name = comment ? std::string_view() : macro_name(code); !name.empty())
      last_words += std::format("{{% set {} = none %}}", name);
    source.remove_prefix(end);
  }
  out += source;
  if (last_words.empty()) return out;
  if (out.ends_with('\n')) out.pop_back();  // as every reader of a template does
  return out + "{{ '' }}" + last_words;     // the empty text keeps white space before it from being stripped
}

}  // namespace worker::chat
