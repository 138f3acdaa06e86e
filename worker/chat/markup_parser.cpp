#include "worker/chat/markup_parser.hpp"

#include <algorithm>
#include <utility>

#include "worker/chat/stop_strings.hpp"

namespace worker::chat {
namespace {

// A model that writes this many bad calls is not going to write a good one in the middle of the next.
constexpr int kMaxSecondLooks = 32;

}  // namespace

MarkupParser::MarkupParser(const FamilyTraits& family, const Tools* tools, bool in_reasoning, Emitter& out)
    : family_(family), tools_(tools), out_(out), state_(in_reasoning && !family.thinking.empty() ? State::reasoning : State::opening) {
  if (state_ != State::reasoning) return;
  for (const Thinking& way : family.thinking) ends_.push_back(way.close);
  out_.markup();
}

void MarkupParser::read(std::string_view text, bool at_end) {
  text_ += text;
  while (step(at_end)) {
  }
}

bool MarkupParser::step(bool at_end) {
  switch (state_) {
    case State::opening: return open(at_end);
    case State::reasoning: return think(at_end);
    case State::content: return speak(at_end);
    case State::call: return call(at_end);
    case State::skipping: return skip(at_end);
  }
  return false;
}

bool MarkupParser::open(bool at_end) {
  std::size_t space = leading_space(text_);
  std::string_view rest = std::string_view(text_).substr(space);
  bool may = rest.empty();
  for (std::size_t i = 0; i < family_.thinking.size(); ++i) {
    const std::string& open = family_.thinking[i].open;
    if (rest.starts_with(open)) {
      begin_thought(i, space + open.size());
      return true;
    }
    may = may || may_become(rest, open);
  }
  if (may && !at_end) return false;
  for (std::size_t i = 0; tools_ && !rest.empty() && i < family_.openers.size(); ++i) {
    const CallOpener& opener = family_.openers[i];
    if (opener.first_bytes.empty() || !opener.first_bytes.contains(rest[0])) continue;
    begin_call(opener, 0);
    return true;
  }
  state_ = State::content;
  return true;
}

void MarkupParser::begin_thought(std::size_t way, std::size_t used) {
  text_.erase(0, used);
  ends_ = {family_.thinking[way].close};
  out_.markup();
  out_.separate();
  state_ = State::reasoning;
}

void MarkupParser::begin_call(const CallOpener& opener, std::size_t used) {
  raw_ = opener.keep ? std::string() : text_.substr(0, used);
  if (!opener.keep) text_.erase(0, used);
  opener_ = &opener;
  ended_before_ = out_.calls_ended();
  reader_ = opener.make(*tools_);
  state_ = State::call;
}

// The earliest; the longest of those that begin in one place.
MarkupParser::Mark MarkupParser::first_mark() const {
  Mark first;
  auto look = [&](Mark::Kind kind, const std::string& text, std::size_t index) {
    if (text.empty()) return;
    std::size_t at = text_.find(text);
    if (at == std::string::npos || at > first.at || (at == first.at && text.size() <= first.length)) return;
    first = {kind, at, text.size(), index};
  };
  for (std::size_t i = 0; i < family_.thinking.size(); ++i) {
    look(Mark::Kind::think, family_.thinking[i].open, i);
    look(Mark::Kind::end_think, family_.thinking[i].close, i);
  }
  for (std::size_t i = 0; tools_ && i < family_.openers.size(); ++i) look(Mark::Kind::call, family_.openers[i].text, i);
  return first;
}

std::size_t MarkupParser::unsure() const {
  std::size_t length = 0;
  auto look = [&](const std::string& text) {
    if (!text.empty()) length = std::max(length, partial_match(text_, text));
  };
  for (const Thinking& thinking : family_.thinking) {
    look(thinking.open);
    look(thinking.close);
  }
  for (std::size_t i = 0; tools_ && i < family_.openers.size(); ++i) look(family_.openers[i].text);
  return length;
}

void MarkupParser::say(std::size_t length) {
  if (length == 0) return;
  line_start_ = text_[length - 1] == '\n';
  out_.content(std::string_view(text_).substr(0, length));
  text_.erase(0, length);
}

bool MarkupParser::speak(bool at_end) {
  std::size_t waits = at_end ? 0 : unsure();
  Mark mark = first_mark();
  // A longer marker may still begin where, or before, this one does.
  if (mark.kind == Mark::Kind::none || (waits > 0 && mark.at >= text_.size() - waits)) {
    say(text_.size() - waits);
    return false;
  }
  say(mark.at);
  if (mark.kind == Mark::Kind::call) {
    begin_call(family_.openers[mark.index], mark.length);
    return true;
  }
  const Thinking& way = family_.thinking[mark.index];
  if (mark.kind == Mark::Kind::think) {
    if (way.unmistakable || line_start_) {
      begin_thought(mark.index, mark.length);
    } else {
      ++think_as_text_;
      say(mark.length);
    }
  } else if (think_as_text_ > 0) {
    --think_as_text_;
    say(mark.length);
  } else {
    text_.erase(0, mark.length);
    out_.markup();
  }
  return true;
}

bool MarkupParser::think(bool at_end) {
  std::size_t end = std::string::npos, length = 0, keep = 0;
  for (const std::string& close : ends_) {
    std::size_t at = text_.find(close);
    if (at < end) {
      end = at;
      length = close.size();
    }
    if (!at_end) keep = std::max(keep, partial_match(text_, close));
  }
  const CallOpener* caller = nullptr;
  for (const CallOpener& opener : family_.openers) {
    if (!tools_ || !family_.calls_end_thinking || opener.text.empty()) continue;
    std::size_t at = text_.find(opener.text);
    if (at < end) {
      end = at;
      caller = &opener;
    }
    if (!at_end) keep = std::max(keep, partial_match(text_, opener.text));
  }
  std::size_t sure = std::min(end, text_.size() - keep);
  out_.reasoning(std::string_view(text_).substr(0, sure));
  text_.erase(0, sure);
  if (end == std::string::npos || end > sure) return false;
  out_.markup();
  line_start_ = true;
  if (caller) {
    begin_call(*caller, caller->text.size());
  } else {
    text_.erase(0, length);
    state_ = State::opening;
  }
  return true;
}

bool MarkupParser::call(bool at_end) {
  std::size_t ended = out_.calls_ended();
  CallReader::Step step = reader_->read(text_, at_end, out_);
  if (out_.calls_ended() == ended) raw_.append(text_, 0, step.used);
  else raw_.clear();
  text_.erase(0, step.used);
  using Status = CallReader::Status;
  if (step.status == Status::more && at_end) step.status = Status::malformed;
  switch (step.status) {
    case Status::more: return false;
    case Status::next: return true;
    case Status::done:
      out_.markup();
      line_start_ = true;
      state_ = State::opening;
      return true;
    case Status::malformed:
      if (opener_->unmarked && !out_.in_call() && out_.calls_ended() == ended_before_) break;
      spoiled();
      return true;
    case Status::not_a_call: break;
  }
  state_ = State::content;
  if (opener_->unmarked) {
    if (!raw_.empty()) line_start_ = raw_.back() == '\n';
    out_.content(std::exchange(raw_, {}));
  } else {
    if (raw_.empty()) raw_ = text_.substr(0, opener_->text.size()), text_.erase(0, raw_.size());  // one that was kept
    out_.malformed(std::exchange(raw_, {}));
  }
  return true;
}

// What comes behind the first closing marker may still hold a good call.
void MarkupParser::spoiled() {
  std::size_t from = std::min(opener_->text.size(), raw_.size());
  std::size_t close = opener_->close.empty() || ++spoiled_ > kMaxSecondLooks ? std::string::npos : raw_.find(opener_->close, from);
  state_ = State::skipping;
  if (close == std::string::npos) return;
  std::size_t end = close + opener_->close.size();
  text_.insert(0, raw_, end, std::string::npos);
  raw_.resize(end);
  out_.malformed(std::exchange(raw_, {}));
  line_start_ = true;
  state_ = State::opening;
}

bool MarkupParser::skip(bool at_end) {
  std::size_t end = std::string::npos, used = 0, keep = 0;
  auto look = [&](const std::string& text, bool closes) {
    if (text.empty()) return;
    std::size_t at = text_.find(text);
    if (at < end) {
      end = at;
      used = at + (closes ? text.size() : 0);
    }
    if (!at_end) keep = std::max(keep, partial_match(text_, text));
  };
  look(opener_->close, true);
  for (const CallOpener& opener : family_.openers) look(opener.unmarked ? std::string() : opener.text, false);
  if (end == std::string::npos) {
    std::size_t sure = text_.size() - keep;
    raw_.append(text_, 0, sure);
    text_.erase(0, sure);
    if (!at_end) return false;
    used = 0;
  }
  raw_.append(text_, 0, used);
  text_.erase(0, used);
  out_.malformed(std::exchange(raw_, {}));
  line_start_ = true;
  state_ = State::opening;
  return !text_.empty();
}

}  // namespace worker::chat
