#include "worker/chat/json_stream.hpp"

#include <charconv>
#include <cmath>
#include <format>
#include <utility>

#include "common/json.hpp"

namespace worker::chat {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool of_token(char c) { return is_digit(c) || is_letter(c) || c == '-' || c == '+' || c == '.'; }
bool of_bare_key(char c) { return is_digit(c) || is_letter(c) || c == '_' || c == '-' || c == '.' || c == '$'; }

bool valid_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  auto digits = [&] {
    std::size_t from = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at > from;
  };
  std::size_t whole = at;
  if (!digits() || (text[whole] == '0' && at > whole + 1)) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  double value = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return at == text.size() && read.ec == std::errc() && std::isfinite(value);
}

// The JSON for a literal, empty if it is none.
std::string_view literal(std::string_view token) {
  if (token == "true" || token == "True") return "true";
  if (token == "false" || token == "False") return "false";
  if (token == "null" || token == "None") return "null";
  return {};
}

unsigned unit_of(std::string_view escape) {
  unsigned unit = 0;
  std::from_chars(escape.data() + 2, escape.data() + 6, unit, 16);
  return unit;
}

}  // namespace

JsonStream::JsonStream(Listener* listener, std::string quote) : listener_(listener), quote_(std::move(quote)) {}

std::string JsonStream::take() { return std::exchange(out_, {}); }

bool JsonStream::push(char c) {
  switch (state_) {
    case State::string: return string_quote_ == 0 ? own_string_byte(c) : string_byte(c);
    case State::token:
      if (of_token(c)) return token_ += c, true;
      return end_token() && push(c);
    case State::bare_key:
      if (of_bare_key(c)) return token_ += c, true;
      if (!is_space(c) && c != ':') return false;
      key_ = '"' + std::exchange(token_, {}) + '"';
      if (quote_.empty()) repaired_ = true;
      state_ = State::colon;
      return push(c);
    case State::done: return false;
    default: break;
  }
  if (is_space(c) && held_.empty()) return true;
  switch (state_) {
    case State::value: return begin_value(c);
    case State::key: return begin_key(c);
    case State::colon:
      if (c != ':') return false;
      comma_due();
      out_ += key_ + ':';
      if (listener_) listener_->key(key_);
      state_ = State::value;
      return true;
    default: break;
  }
  if (c == ',') {
    comma_ = true;
    state_ = open_.back() == '{' ? State::key : State::value;
    return true;
  }
  return (c == '}' || c == ']') && close_bracket(c);
}

JsonStream::Quote JsonStream::begin_quote(char& c) {
  if (!quote_.empty() && quote_.starts_with(held_ + c)) {
    held_ += c;
    if (held_ != quote_) return Quote::unfinished;
    held_.clear();
    c = '"';
    string_quote_ = 0;
    return Quote::settled;
  }
  if (!held_.empty()) return Quote::broken;
  string_quote_ = c;
  return Quote::settled;
}

bool JsonStream::begin_value(char c) {
  bool in_array = !open_.empty() && open_.back() == '[';
  if (held_.empty() && in_array && (c == ']' || c == '}') && (comma_ || !begun_)) return close_bracket(c);
  if (held_.empty() && in_array && c == ',' && comma_) return repaired_ = true;
  if (Quote quote = begin_quote(c); quote != Quote::settled) return quote == Quote::unfinished;
  if (c == '{' || c == '[') return open(c);
  if (c != '"' && c != '\'' && !is_digit(c) && !is_letter(c) && c != '-') return false;
  comma_due();
  if (c == '"' || c == '\'') {
    if (c == '\'') repaired_ = true;
    if (listener_) listener_->value_begins('"');
    out_ += '"';
    is_key_ = false;
    state_ = State::string;
  } else {
    if (listener_) listener_->value_begins(c);
    token_ = c;
    state_ = State::token;
  }
  return true;
}

bool JsonStream::begin_key(char c) {
  if (held_.empty() && (c == '}' || c == ']')) return close_bracket(c);
  if (held_.empty() && c == ',' && comma_) return repaired_ = true;
  if (Quote quote = begin_quote(c); quote != Quote::settled) return quote == Quote::unfinished;
  if (c == '"' || c == '\'') {
    if (c == '\'') repaired_ = true;
    key_ = '"';
    is_key_ = true;
    state_ = State::string;
    return true;
  }
  if (!is_letter(c) && c != '_' && c != '$') return false;
  token_ = c;
  state_ = State::bare_key;
  return true;
}

bool JsonStream::string_byte(char c) {
  if (!escape_.empty()) return escape_byte(c), true;
  if (c == '\\') return escape_ = c, true;
  flush_surrogate();
  if (c == string_quote_) return end_string(), true;
  plain_byte(c);
  return true;
}

bool JsonStream::own_string_byte(char c) {
  held_ += c;
  while (!held_.empty() && !quote_.starts_with(held_)) {
    if (held_[0] == '\\') {
      text() += "\\\\";
    } else {
      bool before = repaired_;
      plain_byte(held_[0]);
      repaired_ = before;  // in these quotes a line break is a line break
    }
    held_.erase(0, 1);
  }
  if (held_ == quote_) {
    held_.clear();
    end_string();
  }
  return true;
}

void JsonStream::plain_byte(char c) {
  auto byte = static_cast<unsigned char>(c);
  if (c == '"') {
    text() += "\\\"";
  } else if (byte < 0x20) {
    repaired_ = true;
    text() += c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\r' ? "\\r" : std::format("\\u{:04x}", byte);
  } else {
    text() += c;
  }
}

void JsonStream::escape_byte(char c) {
  if (escape_.size() == 1 && c != 'u') {
    flush_surrogate();
    escape_.clear();
    if (std::string_view("\"\\/bfnrt").contains(c)) {
      text() += '\\';
      text() += c;
    } else {
      repaired_ = true;
      if (c != '\'') text() += "\\\\";
      plain_byte(c);
    }
    return;
  }
  if (escape_.size() > 1 && !is_hex(c)) {  // \u and no four digits
    repaired_ = true;
    flush_surrogate();
    text() += '\\' + std::exchange(escape_, {});
    string_byte(c);
    return;
  }
  escape_ += c;
  if (escape_.size() < 6) return;
  std::string escape = std::exchange(escape_, {});
  unsigned unit = unit_of(escape);
  bool low = unit >= 0xDC00 && unit < 0xE000;
  if (low && !high_surrogate_.empty()) {
    text() += std::exchange(high_surrogate_, {}) + escape;
    return;
  }
  flush_surrogate();
  if (unit >= 0xD800 && unit < 0xDC00) {
    high_surrogate_ = escape;
  } else if (low) {
    repaired_ = true;
    text() += "\\ufffd";
  } else {
    text() += escape;
  }
}

// One half of a pair, alone, is no character.
void JsonStream::flush_surrogate() {
  if (high_surrogate_.empty()) return;
  high_surrogate_.clear();
  repaired_ = true;
  text() += "\\ufffd";
}

void JsonStream::end_string() {
  flush_surrogate();
  text() += '"';
  if (is_key_) {
    state_ = State::colon;
  } else {
    end_value();
  }
}

bool JsonStream::end_token() {
  std::string_view word = literal(token_);
  if (word.empty() && !valid_number(token_)) return false;
  if (!word.empty() && word != token_) repaired_ = true;
  out_ += word.empty() ? std::string_view(token_) : word;
  token_.clear();
  end_value();
  return true;
}

void JsonStream::end_value() {
  state_ = open_.empty() ? State::done : State::next;
  begun_ = true;
  if (listener_) listener_->value_ends();
}

bool JsonStream::open(char bracket) {
  if (open_.size() >= common::kMaxJsonDepth) return false;
  comma_due();
  if (listener_) listener_->value_begins(bracket);
  out_ += bracket;
  open_.push_back(bracket);
  begun_ = false;
  state_ = bracket == '{' ? State::key : State::value;
  return true;
}

// A bracket that belongs to an outer container closes the inner ones too.
bool JsonStream::close_bracket(char bracket) {
  char wanted = bracket == '}' ? '{' : '[';
  if (open_.back() != wanted) {
    bool outer = false;
    for (char c : open_) outer = outer || c == wanted;
    if (!outer) return false;
    repaired_ = true;
    close_bracket(open_.back() == '{' ? '}' : ']');
    return push(bracket);
  }
  if (comma_) repaired_ = true;
  comma_ = false;
  open_.pop_back();
  out_ += bracket;
  end_value();
  return true;
}

void JsonStream::comma_due() {
  if (comma_) out_ += ',';
  comma_ = false;
}

JsonStream::End JsonStream::ending(bool marked) const {
  switch (state_) {
    case State::done: return End::complete;
    case State::next: return End::closed;
    case State::token: {
      bool word = !literal(token_).empty();
      return word || (marked && valid_number(token_)) ? End::closed : End::cut;
    }
    case State::key: return comma_ && !marked ? End::cut : End::closed;
    case State::value: return open_.empty() || open_.back() == '{' || (comma_ && !marked) ? End::cut : End::closed;
    default: return End::cut;
  }
}

JsonStream::End JsonStream::close(bool marked) {
  End end = ending(marked);
  if (end == End::complete) return end;
  repaired_ = true;
  if (state_ == State::token && !end_token()) {
    out_ += "null";
    end_value();
  } else if (state_ == State::string && !is_key_) {
    escape_.clear();
    end_string();
  } else if (state_ == State::string || state_ == State::bare_key || state_ == State::colon) {
    state_ = State::key;
  } else if (state_ == State::value && (open_.empty() || open_.back() == '{')) {
    if (listener_) listener_->value_begins('n');
    out_ += "null";
    end_value();
  }
  held_.clear();
  while (!open_.empty()) close_bracket(open_.back() == '{' ? '}' : ']');
  return end;
}

}  // namespace worker::chat
