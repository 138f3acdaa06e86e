#include "worker/chat/readers/json_reader.hpp"

#include <algorithm>
#include <utility>

namespace worker::chat {

JsonReader::JsonReader(const Tools& tools, Shape shape) : tools_(tools), shape_(std::move(shape)) {}

CallReader::Step JsonReader::read(std::string_view text, bool at_end, Emitter& out) {
  switch (state_) {
    case State::before: return before(text, at_end, out);
    case State::inside: return inside(text, at_end, out);
    default: return behind(text, at_end, out);
  }
}

// Some put a code fence around the JSON.
CallReader::Step JsonReader::before(std::string_view text, bool at_end, Emitter& out) {
  std::size_t at = leading_space(text);
  std::string_view rest = text.substr(at);
  if (rest.starts_with("```") || may_become(rest, "```")) {
    std::size_t line = rest.find('\n');
    if (line == std::string_view::npos && !at_end) return {};
    if (line != std::string_view::npos && line <= 12) {
      at += line;
      at += leading_space(text.substr(at));
      rest = text.substr(at);
    }
  }
  if (rest.empty()) return {at_end ? Status::not_a_call : Status::more, 0};
  if (rest[0] != '{' && rest[0] != '[') return {Status::not_a_call, 0};
  calls_ = std::make_unique<JsonCalls>(tools_, out, shape_.unmarked);
  state_ = State::inside;
  return {Status::next, at};
}

CallReader::Step JsonReader::inside(std::string_view text, bool at_end, Emitter& out) {
  const std::string& close = shape_.close;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (calls_->push(text[i])) {
      if (calls_->take_ended() && !calls_->complete()) return {Status::next, i + 1};
      if (!calls_->complete()) continue;
      state_ = State::behind;
      return {Status::next, i + 1};
    }
    std::string_view rest = text.substr(i);
    if (!calls_->failed() && !close.empty() && rest.starts_with(close) && calls_->close(true)) {
      out.mend();
      state_ = State::behind;
      return {Status::next, i};
    }
    if (!at_end && !calls_->failed() && !close.empty() && may_become(rest, close)) return {Status::more, i};
    calls_->abandon();
    return {Status::malformed, i};
  }
  if (!at_end) return {Status::more, text.size()};
  if (!calls_->close(false)) return {Status::malformed, text.size()};
  out.mend();
  state_ = State::behind;
  return {Status::next, text.size()};
}

// Behind the JSON may come more of it, its end, or brackets and the like that belong to nothing.
CallReader::Step JsonReader::behind(std::string_view text, bool at_end, Emitter& out) {
  std::size_t at = leading_space(text);
  std::string_view rest = text.substr(at);
  if (rest.empty() && !at_end) return {};
  const std::string& separator = shape_.separator;
  if (!separator.empty() && rest.starts_with(separator)) {
    std::size_t next = at + separator.size();
    next += leading_space(text.substr(next));
    if (next == text.size() && !at_end) return {};
    if (next < text.size() && text[next] == '{') {
      at = next;
      rest = text.substr(at);
    }
  }
  bool more_json = rest.starts_with('{') && (!shape_.close.empty() || !separator.empty());
  if (more_json && shape_.unmarked) return {Status::done, at};  // it must prove once more that it is a call
  if (more_json) {
    calls_ = std::make_unique<JsonCalls>(tools_, out, false);
    state_ = State::inside;
    return {Status::next, at};
  }
  if (shape_.close.empty()) return {Status::done, 0};
  if (rest.starts_with(shape_.close)) return {Status::done, at + shape_.close.size()};
  std::size_t garbage = std::min(rest.find_first_not_of("}])\"',;.` \t\r\n"), rest.size());
  std::string_view tail = rest.substr(garbage);
  if (tail.starts_with(shape_.close)) {
    out.mend();
    return {Status::done, at + garbage + shape_.close.size()};
  }
  if (!at_end && (tail.empty() || may_become(tail, shape_.close))) return {};
  if (shape_.close_due) out.mend();
  return {Status::done, tail.empty() ? text.size() : 0};
}

}  // namespace worker::chat
