#include "proxy/net/model_name.hpp"

#include "common/json.hpp"

namespace proxy::net {
namespace {

constexpr std::string_view kData = "data:";
constexpr std::string_view kKey = "model";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

ModelName::ModelName(std::string_view name, bool event_stream)
    : quoted_(common::dump_json(std::string(name))), event_stream_(event_stream), state_(event_stream ? State::line : State::begin) {}

std::string ModelName::pass(std::string_view piece) {
  std::string out;
  out.reserve(piece.size());
  for (char c : piece) {
    // A line break ends an event's line, whatever was in it: JSON has none inside.
    if (event_stream_ && c == '\n') begin_line();
    else if (state_ == State::line) take_in_line(c);
    else if (state_ != State::rest) {
      take(c, out);
      continue;
    }
    out += c;
  }
  return out;
}

void ModelName::begin_line() {
  state_ = State::line;
  line_.clear();
  depth_ = 0;
}

void ModelName::take_in_line(char c) {
  line_ += c;
  if (line_ == kData) state_ = State::begin;
  else if (!kData.starts_with(line_)) state_ = State::rest;
}

// Appends what goes out for `c`, which is `c` itself but inside the old name.
void ModelName::take(char c, std::string& out) {
  if (state_ == State::old_name) {
    if (escaped_) escaped_ = false;
    else if (c == '\\') escaped_ = true;
    else if (c == '"') state_ = State::members;
    return;
  }
  if (state_ == State::value && is_model_ && c == '"') {
    out += quoted_;
    state_ = State::old_name;
    return;
  }
  out += c;
  if (state_ == State::text || state_ == State::key) {
    const bool is_key = state_ == State::key;
    if (escaped_) escaped_ = false;
    else if (c == '\\') escaped_ = true;
    else if (c == '"') {
      is_model_ = is_key && key_ == kKey;
      state_ = is_key ? State::colon : State::members;
      return;
    }
    if (is_key && key_.size() <= kKey.size()) key_ += c;
    return;
  }
  take_structure(c);
}

void ModelName::take_structure(char c) {
  if (is_space(c)) return;
  if (state_ == State::begin) {
    state_ = c == '{' ? State::members : State::rest;
    depth_ = c == '{' ? 1 : 0;
    key_due_ = true;
    return;
  }
  if (state_ == State::colon) {
    state_ = c == ':' ? State::value : State::members;
    key_due_ = false;
    return;
  }
  state_ = State::members;
  if (c == '{' || c == '[') ++depth_;
  else if (c == '}' || c == ']') --depth_;
  else if (c == ',' && depth_ == 1) key_due_ = true;
  else if (c == '"') {
    const bool is_key = depth_ == 1 && key_due_;
    state_ = is_key ? State::key : State::text;
    key_.clear();
  }
  if (depth_ == 0) state_ = State::rest;
}

}  // namespace proxy::net
