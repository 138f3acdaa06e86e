#include "worker/chat/output_parser.hpp"

#include <algorithm>
#include <utility>

#include "worker/chat/stop_strings.hpp"
#include "worker/chat/tool_markup.hpp"

namespace worker::chat {
namespace {

constexpr std::string_view kThink = "<think>";
constexpr std::string_view kEndThink = "</think>";
constexpr std::string_view kCall = "<tool_call>";
constexpr std::string_view kEndCall = "</tool_call>";
constexpr std::string_view kSpace = " \t\r\n";

std::size_t leading_space(std::string_view text) { return std::min(text.find_first_not_of(kSpace), text.size()); }

// Whether `text`, a beginning so far, can still grow into `marker`.
bool may_become(std::string_view text, std::string_view marker) { return text.size() < marker.size() && marker.starts_with(text); }

}  // namespace

const std::vector<std::string>& markers() {
  static const std::vector<std::string> all{std::string(kThink), std::string(kEndThink), std::string(kCall), std::string(kEndCall)};
  return all;
}

OutputParser::OutputParser(Options options)
    : options_(options), state_(options.in_reasoning ? State::reasoning : State::opening), skip_space_(options.in_reasoning) {}

std::vector<Part> OutputParser::feed(std::string_view text) {
  text_ += text;
  while (step(false)) {
  }
  return std::exchange(parts_, {});
}

std::vector<Part> OutputParser::finish() {
  while (step(true)) {
  }
  return std::exchange(parts_, {});
}

bool OutputParser::step(bool at_end) {
  switch (state_) {
    case State::opening: return open(at_end);
    case State::reasoning: return think(at_end);
    case State::content: return speak(at_end);
    case State::call: return call(at_end);
    case State::after_call: return after_call(at_end);
  }
  return false;
}

bool OutputParser::open(bool at_end) {
  std::string_view rest = std::string_view(text_).substr(leading_space(text_));
  if (rest.starts_with(kThink)) {
    text_.erase(0, text_.size() - rest.size() + kThink.size());
    state_ = State::reasoning;
    skip_space_ = true;
    return true;
  }
  if (!at_end && may_become(rest, kThink)) return false;
  state_ = State::content;
  return true;
}

bool OutputParser::think(bool at_end) {
  std::size_t end = text_.find(kEndThink);
  if (end != std::string::npos) {
    emit(State::reasoning, std::string_view(text_).substr(0, end));
    text_.erase(0, end + kEndThink.size());
    space_.clear();
    state_ = State::content;
    skip_space_ = true;
    return true;
  }
  std::size_t sure = text_.size() - (at_end ? 0 : partial_match(text_, kEndThink));
  emit(State::reasoning, std::string_view(text_).substr(0, sure));
  text_.erase(0, sure);
  return false;
}

bool OutputParser::speak(bool at_end) {
  if (!options_.tools) {
    say(text_);
    text_.clear();
    if (at_end) say(std::exchange(space_, {}));
    return false;
  }
  std::size_t begin = text_.find(kCall);
  if (begin != std::string::npos) {
    say(std::string_view(text_).substr(0, begin));
    text_.erase(0, begin + kCall.size());
    state_ = State::call;
    return true;
  }
  std::size_t sure = text_.size() - (at_end ? 0 : partial_match(text_, kCall));
  say(std::string_view(text_).substr(0, sure));
  text_.erase(0, sure);
  if (at_end && !space_.empty() && !skip_space_) parts_.emplace_back(Content{std::exchange(space_, {})});
  return false;
}

bool OutputParser::call(bool at_end) {
  std::size_t space = leading_space(text_);
  std::string_view body = std::string_view(text_).substr(space);
  std::size_t length = object_length(body);
  if (length == std::string_view::npos) {
    if (!at_end) return false;
    // The quotes or brackets never closed. What comes after the first closing tag may still hold a good call.
    std::size_t tag = text_.find(kEndCall);
    give_back_call(tag == std::string::npos ? text_.size() : tag + kEndCall.size());
    return true;
  }
  auto made = length > 0 ? parse_call(body.substr(0, length)) : std::nullopt;
  if (!made) {
    give_back_call(space + length);
    return true;
  }
  parts_.emplace_back(std::move(*made));
  text_.erase(0, space + length);
  space_.clear();
  state_ = State::after_call;
  return true;
}

void OutputParser::give_back_call(std::size_t length) {
  std::string written = std::string(kCall) + text_.substr(0, length);
  text_.erase(0, length);
  state_ = State::content;
  say(written);
}

bool OutputParser::after_call(bool at_end) {
  std::string_view rest = std::string_view(text_).substr(leading_space(text_));
  if (rest.starts_with(kEndCall)) {
    text_.erase(0, text_.size() - rest.size() + kEndCall.size());
  } else if (!at_end && may_become(rest, kEndCall)) {
    return false;
  }
  state_ = State::content;
  skip_space_ = true;
  return true;
}

void OutputParser::say(std::string_view text) { emit(State::content, text); }

// White space at the end waits: whether it is text shows only with what follows.
void OutputParser::emit(State kind, std::string_view text) {
  if (skip_space_) {
    text.remove_prefix(leading_space(text));
    if (text.empty()) return;
    skip_space_ = false;
  }
  bool waits = kind == State::reasoning || options_.tools;
  std::string whole = std::exchange(space_, {});
  whole += text;
  if (waits) {
    std::size_t end = whole.find_last_not_of(kSpace);
    std::size_t sure = end == std::string::npos ? 0 : end + 1;
    space_ = whole.substr(sure);
    whole.resize(sure);
  }
  if (whole.empty()) return;
  if (kind == State::reasoning) {
    parts_.emplace_back(Reasoning{std::move(whole)});
  } else {
    parts_.emplace_back(Content{std::move(whole)});
  }
}

}  // namespace worker::chat
