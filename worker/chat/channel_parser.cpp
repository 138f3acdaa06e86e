#include "worker/chat/channel_parser.hpp"

#include <algorithm>
#include <utility>

#include "worker/chat/stop_strings.hpp"

namespace worker::chat {
namespace {

constexpr std::string_view kMessage = "<|message|>";
constexpr std::string_view kChannel = "<|channel|>";
constexpr std::string_view kStart = "<|start|>";
constexpr std::string_view kCall = "<|call|>";
constexpr std::string_view kEnds[] = {"<|end|>", "<|return|>", kCall, kStart, kChannel};
constexpr std::size_t kLongestHeader = 400;

std::string word_behind(std::string_view header, std::string_view mark) {
  std::size_t at = header.find(mark);
  if (at == std::string_view::npos) return {};
  std::string_view rest = header.substr(at + mark.size());
  return std::string(rest.substr(0, rest.find_first_of(" \t\r\n<")));
}

// Where a message ends, and how long the marker there is. The ones that begin another message are left for its header.
struct End {
  std::size_t at = std::string::npos;
  std::size_t length = 0;
};

End find_end(std::string_view text) {
  End end;
  for (std::string_view mark : kEnds) {
    std::size_t at = text.find(mark);
    if (at < end.at) end = {at, mark == kStart || mark == kChannel ? 0 : mark.size()};
  }
  return end;
}

std::size_t unsure(std::string_view text) {
  std::size_t keep = 0;
  for (std::string_view mark : kEnds) keep = std::max(keep, partial_match(text, mark));
  return keep;
}

}  // namespace

ChannelParser::ChannelParser(const Tools* tools, bool in_reasoning, Emitter& out)
    : tools_(tools), out_(out), state_(in_reasoning ? State::reasoning : State::header) {
  if (in_reasoning) out_.markup();
}

void ChannelParser::read(std::string_view text, bool at_end) {
  text_ += text;
  while (step(at_end)) {
  }
}

bool ChannelParser::step(bool at_end) {
  switch (state_) {
    case State::header: return header(at_end);
    case State::arguments: return arguments(at_end);
    case State::behind_arguments: return behind_arguments(at_end);
    default: return body(at_end);
  }
}

bool ChannelParser::header(bool at_end) {
  if (text_.empty()) return false;
  // A model that has left the format just talks.
  std::string_view rest = std::string_view(text_).substr(leading_space(text_));
  auto can_be = [&](std::string_view beginning) { return rest.starts_with(beginning) || may_become(rest, beginning); };
  bool possible = rest.empty() || can_be("<|") || can_be("to=") || (!first_ && can_be("assistant"));
  std::size_t end = text_.find(kMessage);
  bool too_long = end > kLongestHeader && text_.size() > kLongestHeader + kMessage.size();
  if (!possible || too_long) {
    out_.markup();
    out_.separate();
    state_ = State::content;
    return true;
  }
  if (end == std::string::npos) {
    if (at_end) text_.clear();  // a header that was cut off says nothing
    return false;
  }
  std::string head = text_.substr(0, end);
  raw_ = text_.substr(0, end + kMessage.size());
  text_.erase(0, end + kMessage.size());
  begin_message(head);
  return true;
}

void ChannelParser::begin_message(std::string_view header) {
  first_ = false;
  std::string channel = word_behind(header, kChannel);
  std::string recipient = word_behind(header, "to=");
  out_.markup();
  out_.separate();
  if (!recipient.empty() && recipient != "user" && recipient != "assistant") {
    std::string name = tools_ ? tools_->resolve(recipient) : recipient;
    bool possible = tools_ && plausible_name(name) && (recipient.starts_with("functions.") || tools_->offers(name));
    if (possible) arguments_ = std::make_unique<BareArguments>(out_, std::move(name), "");
    state_ = possible ? State::arguments : State::skipping;
  } else {
    state_ = channel == "analysis" ? State::reasoning : State::content;
  }
}

bool ChannelParser::body(bool at_end) {
  End end = find_end(text_);
  std::size_t sure = end.at != std::string::npos ? end.at : text_.size() - (at_end ? 0 : unsure(text_));
  std::string_view text = std::string_view(text_).substr(0, sure);
  if (state_ == State::content) out_.content(text);
  else if (state_ == State::reasoning) out_.reasoning(text);
  else raw_ += text;
  text_.erase(0, sure);
  if (end.at == std::string::npos) {
    if (at_end && state_ == State::skipping) spoiled();
    return false;
  }
  if (state_ == State::skipping) {
    raw_.append(text_, 0, end.length);
    spoiled();
  }
  text_.erase(0, end.length);
  end_message();
  return true;
}

void ChannelParser::spoiled() {
  out_.malformed(std::exchange(raw_, {}));
  state_ = State::header;
}

bool ChannelParser::arguments(bool at_end) {
  std::size_t used = 0;
  while (used < text_.size()) {
    if (arguments_->push(text_[used])) {
      ++used;
      if (!arguments_->complete()) continue;
      state_ = State::behind_arguments;
      break;
    }
    std::string_view rest = std::string_view(text_).substr(used);
    if (find_end(rest).at == 0) {
      bool good = !arguments_->begun() || arguments_->close(true);
      state_ = good ? State::behind_arguments : State::skipping;
      break;
    }
    if (!at_end && unsure(rest) == rest.size()) break;
    arguments_->close(true);  // valid JSON for whoever has seen its beginning
    state_ = State::skipping;
    break;
  }
  raw_.append(text_, 0, used);
  bool all = used == text_.size();
  text_.erase(0, used);
  if (state_ != State::arguments) return true;
  if (!at_end) return false;
  bool good = all && arguments_->close(false);
  state_ = good ? State::behind_arguments : State::skipping;
  return true;
}

bool ChannelParser::behind_arguments(bool at_end) {
  std::size_t at = std::min(text_.find_first_not_of("}])\"',;. \t\r\n"), text_.size());
  bool garbage = text_.find_first_of("}])\"',;.") < at;
  std::string_view rest = std::string_view(text_).substr(at);
  End end = find_end(rest);
  if (end.at != 0 && !at_end && unsure(rest) == rest.size()) return false;
  bool closed = end.at == 0;
  arguments_->end(garbage || (!closed && !at_end));
  if (!closed && !rest.empty()) {
    // Something else in the place of the end: nobody can say for whom it was.
    state_ = State::content;
    out_.markup();
    return true;
  }
  text_.erase(0, at + (closed ? end.length : 0));
  end_message();
  return closed;
}

void ChannelParser::end_message() {
  out_.markup();
  state_ = State::header;
}

}  // namespace worker::chat
