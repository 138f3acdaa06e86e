#include "worker/chat/readers/xml_reader.hpp"

#include <algorithm>
#include <utility>

namespace worker::chat {
namespace {

constexpr std::size_t kLongestName = 512;

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(leading_space(text));
  std::size_t last = text.find_last_not_of(" \t\r\n");
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::string_view without_own_lines(std::string_view text) {
  if (text.starts_with("\r\n")) text.remove_prefix(2);
  else if (text.starts_with('\n')) text.remove_prefix(1);
  if (text.ends_with("\r\n")) text.remove_suffix(2);
  else if (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

}  // namespace

XmlReader::XmlReader(const Tools& tools, Shape shape)
    : tools_(tools), shape_(std::move(shape)), state_(shape_.open_call.empty() ? State::name : State::between) {}

CallReader::Step XmlReader::read(std::string_view text, bool at_end, Emitter& out) {
  switch (state_) {
    case State::between: return between(text, at_end);
    case State::name: return name(text, at_end, out);
    case State::parameters: return parameters(text, at_end, out);
    case State::key: return key(text, at_end, out);
    default: return value(text, at_end, out);
  }
}

XmlReader::Fit XmlReader::follows(std::string_view rest, const std::vector<const std::string*>& marks, bool at_end) const {
  rest.remove_prefix(leading_space(rest));
  if (rest.empty()) return at_end ? Fit::yes : Fit::maybe;
  bool may = false;
  for (const std::string* mark : marks) {
    if (mark->empty()) continue;
    if (rest.starts_with(*mark)) return Fit::yes;
    may = may || may_become(rest, *mark);
  }
  return may && !at_end ? Fit::maybe : Fit::no;
}

CallReader::Step XmlReader::between(std::string_view text, bool at_end) {
  std::size_t at = leading_space(text);
  std::string_view rest = text.substr(at);
  if (!shape_.open_call.empty() && rest.starts_with(shape_.open_call)) {
    state_ = State::name;
    return {Status::next, at + shape_.open_call.size()};
  }
  if (!shape_.close_block.empty() && rest.starts_with(shape_.close_block)) {
    return {any_ ? Status::done : Status::not_a_call, at + shape_.close_block.size()};
  }
  if (!at_end && (may_become(rest, shape_.open_call) || may_become(rest, shape_.close_block))) return {};
  return {any_ ? Status::done : Status::not_a_call, 0};
}

CallReader::Step XmlReader::name(std::string_view text, bool at_end, Emitter& out) {
  std::size_t from = leading_space(text);
  std::size_t end = std::string_view::npos, used = 0;
  auto look = [&](const std::string& mark, bool consume) {
    std::size_t found = mark.empty() ? std::string_view::npos : text.find(mark, from);
    if (found >= end) return;
    end = found;
    used = found + (consume ? mark.size() : 0);
  };
  look(shape_.name_end, true);
  look(shape_.open_key, false);
  look(shape_.close_call, false);
  look(shape_.close_block, false);
  if (end == std::string_view::npos) {
    // A name has no spaces: this shows early that prose follows.
    std::string_view begun = text.substr(from);
    bool prose = trimmed(begun.substr(0, begun.find_first_of("<\n"))).contains(' ') || begun.size() > kLongestName;
    return prose || at_end ? Step{Status::not_a_call, 0} : Step{};
  }
  std::string_view written = trimmed(text.substr(from, end - from));
  if (!written.empty() && (written.back() == '"' || written.back() == '\'')) written.remove_suffix(1);
  if (!plausible_name(written)) return {Status::not_a_call, 0};
  name_ = tools_.resolve(written);
  keys_.clear();
  slip_ = false;
  out.begin_call(name_, {});
  state_ = State::parameters;
  return {Status::next, used};
}

CallReader::Step XmlReader::parameters(std::string_view text, bool at_end, Emitter& out) {
  std::size_t at = leading_space(text);
  std::string_view rest = text.substr(at);
  if (rest.starts_with(shape_.open_key)) {
    state_ = State::key;
    return {Status::next, at + shape_.open_key.size()};
  }
  bool closes = !shape_.close_call.empty() && rest.starts_with(shape_.close_call);
  bool block = !shape_.close_block.empty() && rest.starts_with(shape_.close_block);
  if (!closes && !block && !at_end &&
      (rest.empty() || may_become(rest, shape_.open_key) || may_become(rest, shape_.close_call) || may_become(rest, shape_.close_block))) {
    return {};
  }
  if (!closes && !(block || rest.empty())) return spoiled(at, out);
  if (!closes) slip_ = true;
  end_call(out);
  state_ = State::between;
  bool whole_block = shape_.open_call.empty();  // one call per block
  std::size_t used = closes ? at + shape_.close_call.size() : at;
  return {whole_block ? Status::done : Status::next, used};
}

CallReader::Step XmlReader::key(std::string_view text, bool at_end, Emitter& out) {
  std::size_t end = text.find(shape_.key_end);
  bool attributes = shape_.key_end.ends_with('"');
  std::size_t bracket = end == std::string_view::npos || !attributes ? end : text.find('>', end);
  if (bracket == std::string_view::npos) return at_end || text.size() > kLongestName ? spoiled(0, out) : Step{};
  std::string_view written = trimmed(text.substr(0, end));
  if (written.empty() || written.find_first_of("<>\n") != std::string_view::npos) return spoiled(0, out);
  key_ = written;
  forced_text_ = attributes && text.substr(end, bracket - end).contains("string=\"true\"");
  value_open_ = shape_.open_value.empty();
  searched_ = 0;
  state_ = State::value;
  return {Status::next, attributes ? bracket + 1 : end + shape_.key_end.size()};
}

// Whether the value ends at `at`, where something stands that could end it. Markup inside a value is text unless what must come behind it
// does.
XmlReader::Fit XmlReader::ends_value(std::string_view text, std::size_t at, bool at_end, std::size_t& used) const {
  std::string_view rest = text.substr(at);
  used = at;
  if (rest.starts_with(shape_.close_value)) {
    used = at + shape_.close_value.size();
    return follows(text.substr(used), {&shape_.open_key, &shape_.close_call, &shape_.close_block}, at_end);
  }
  if (rest.starts_with(shape_.open_key)) return at > 0 && text[at - 1] == '\n' ? Fit::yes : Fit::no;
  if (!shape_.close_call.empty() && rest.starts_with(shape_.close_call)) {
    return shape_.open_call.empty() ? Fit::yes
                                    : follows(rest.substr(shape_.close_call.size()), {&shape_.close_block, &shape_.open_call}, at_end);
  }
  return Fit::no;
}

CallReader::Step XmlReader::value(std::string_view text, bool at_end, Emitter& out) {
  if (!value_open_) {
    std::size_t at = leading_space(text);
    std::string_view rest = text.substr(at);
    if (rest.starts_with(shape_.open_value)) {
      value_open_ = true;
      return {Status::next, at + shape_.open_value.size()};
    }
    if (!at_end && may_become(rest, shape_.open_value)) return {};
    return spoiled(at, out);
  }
  for (std::size_t at = text.find('<', searched_); at != std::string_view::npos; at = text.find('<', at + 1)) {
    searched_ = at;
    std::string_view rest = text.substr(at);
    bool may = may_become(rest, shape_.close_value) || may_become(rest, shape_.open_key) || may_become(rest, shape_.close_call);
    std::size_t used = at;
    Fit fit = may && !at_end ? Fit::maybe : ends_value(text, at, at_end, used);
    if (fit == Fit::maybe) return {};
    if (fit == Fit::no) continue;
    if (used == at) slip_ = true;
    take_value(text.substr(0, at), out);
    state_ = State::parameters;
    return {Status::next, used};
  }
  searched_ = text.size();
  return at_end ? spoiled(text.size(), out) : Step{};
}

void XmlReader::take_value(std::string_view value, Emitter& out) {
  if (shape_.own_lines) value = without_own_lines(value);
  if (std::ranges::find(keys_, key_) != keys_.end()) {
    slip_ = true;  // said twice: the first holds
    return;
  }
  std::string json = forced_text_ ? common::dump_json(common::Json(value)) : tools_.typed(name_, key_, value);
  out.arguments((keys_.empty() ? "{" : ",") + common::dump_json(common::Json(key_)) + ":" + json);
  keys_.push_back(key_);
}

void XmlReader::end_call(Emitter& out) {
  out.arguments(keys_.empty() ? "{}" : "}");
  out.end_call(slip_);
  any_ = true;
}

// What was announced is given an end all the same.
CallReader::Step XmlReader::spoiled(std::size_t used, Emitter& out) {
  out.arguments(keys_.empty() ? "{}" : "}");
  return {Status::malformed, used};
}

}  // namespace worker::chat
