#include "worker/chat/readers/named_reader.hpp"

#include <algorithm>
#include <utility>

namespace worker::chat {
namespace {

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(leading_space(text));
  std::size_t last = text.find_last_not_of(" \t\r\n");
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

BareArguments::BareArguments(Emitter& out, std::string name, std::string id, std::string quote)
    : out_(out), name_(std::move(name)), id_(std::move(id)), stream_(nullptr, std::move(quote)) {}

void BareArguments::announce() {
  if (begun_) return;
  begun_ = true;
  out_.begin_call(name_, id_);
}

bool BareArguments::push(char c) {
  if (!begun_ && !std::string_view("{ \t\r\n").contains(c)) return false;
  bool taken = stream_.push(c);
  if (taken && c == '{') announce();
  if (begun_) out_.arguments(stream_.take());
  return taken;
}

bool BareArguments::close(bool marked) {
  if (!begun_) return false;
  JsonStream::End end = stream_.close(marked);
  out_.arguments(stream_.take());
  return end != JsonStream::End::cut;
}

// Where nothing at all stood for the arguments there are none.
void BareArguments::end(bool repaired) {
  if (!begun_) {
    announce();
    out_.arguments("{}");
  }
  out_.end_call(repaired || stream_.repaired());
}

NamedReader::NamedReader(const Tools& tools, Shape shape)
    : tools_(tools), shape_(std::move(shape)), state_(shape_.opened ? State::name : State::between) {}

CallReader::Step NamedReader::read(std::string_view text, bool at_end, Emitter& out) {
  switch (state_) {
    case State::between: return between(text, at_end);
    case State::name: return name(text, at_end, out);
    case State::arguments: return arguments(text, at_end);
    default: return behind(text, at_end);
  }
}

CallReader::Step NamedReader::between(std::string_view text, bool at_end) {
  std::size_t at = leading_space(text);
  std::string_view rest = text.substr(at);
  if (rest.starts_with(shape_.open_call)) {
    state_ = State::name;
    return {Status::next, at + shape_.open_call.size()};
  }
  if (!shape_.close_block.empty() && rest.starts_with(shape_.close_block)) {
    return {any_ ? Status::done : Status::malformed, at + shape_.close_block.size()};
  }
  if (!at_end && (may_become(rest, shape_.open_call) || may_become(rest, shape_.close_block))) return {};
  return {any_ ? Status::done : Status::malformed, 0};
}

CallReader::Step NamedReader::name(std::string_view text, bool at_end, Emitter& out) {
  std::size_t end = std::string_view::npos, behind_name = 0;
  for (const std::string& mark : shape_.after_name) {
    std::size_t found = text.find(mark);
    if (found < end) {
      end = found;
      behind_name = found + (mark == "{" ? 0 : mark.size());
    }
  }
  if (end == std::string_view::npos) return text.size() > 512 || at_end ? Step{Status::malformed, 0} : Step{};
  std::string_view name = trimmed(text.substr(0, end));
  if (shape_.fenced && name == "function") {
    std::size_t line = text.find('\n', behind_name);
    if (line == std::string_view::npos) return at_end ? Step{Status::malformed, behind_name} : Step{};
    name = trimmed(text.substr(behind_name, line - behind_name));
    std::string_view rest = text.substr(line + 1);
    std::size_t brace = rest.find('{');
    if (brace == std::string_view::npos && !at_end) return {};
    if (rest.starts_with("```") && brace != std::string_view::npos) rest.remove_prefix(brace);
    behind_name = text.size() - rest.size();
  }
  std::string id;
  if (std::size_t mark = shape_.id_mark.empty() ? std::string_view::npos : name.find(shape_.id_mark); mark != std::string_view::npos) {
    id = trimmed(name.substr(mark + shape_.id_mark.size()));
    name = trimmed(name.substr(0, mark));
  }
  if (shape_.id_in_name) {
    std::size_t colon = name.rfind(':');
    if (colon != std::string_view::npos && name.find_first_not_of("0123456789", colon + 1) == std::string_view::npos) {
      id = name;
      name = name.substr(0, colon);
    }
  }
  if (!plausible_name(name)) return {Status::malformed, end};
  arguments_ = std::make_unique<BareArguments>(out, tools_.resolve(name), std::move(id), shape_.quote);
  state_ = State::arguments;
  return {Status::next, behind_name};
}

// Whether the markup that ends a call stands here; `may`: it still can.
bool NamedReader::ends_arguments(std::string_view rest, bool& may) const {
  for (const std::string* mark : {&shape_.close_call, &shape_.close_block, &shape_.open_call}) {
    if (mark->empty()) continue;
    if (rest.starts_with(*mark)) return true;
    may = may || may_become(rest, *mark);
  }
  return false;
}

CallReader::Step NamedReader::arguments(std::string_view text, bool at_end) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (arguments_->push(text[i])) {
      if (!arguments_->complete()) continue;
      state_ = State::behind;
      return {Status::next, i + 1};
    }
    bool may = false;
    if (ends_arguments(text.substr(i), may)) {
      if (arguments_->begun() && !arguments_->close(true)) return {Status::malformed, i};
      state_ = State::behind;
      return {Status::next, i};
    }
    if (may && !at_end) return {Status::more, i};
    arguments_->close(true);  // valid JSON for whoever has seen its beginning
    return {Status::malformed, i};
  }
  if (!at_end) return {Status::more, text.size()};
  if (!arguments_->close(false)) return {Status::malformed, text.size()};
  state_ = State::behind;
  return {Status::next, text.size()};
}

CallReader::Step NamedReader::behind(std::string_view text, bool at_end) {
  std::size_t at = std::min(text.find_first_not_of("}])\"',;.` \t\r\n"), text.size());
  bool garbage = text.substr(0, at).find_first_of("}])\"',;.") != std::string_view::npos;
  std::string_view rest = text.substr(at);
  bool may = false;
  bool marked = ends_arguments(rest, may);
  if (!marked && !at_end && (rest.empty() || may)) return {};
  bool closed = !shape_.close_call.empty() && rest.starts_with(shape_.close_call);
  // Mistral has no closing markers, so text may follow at once; its white space stays.
  std::size_t used = closed ? at + shape_.close_call.size() : marked || rest.empty() ? at : 0;
  arguments_->end((garbage && used > 0) || (!closed && !shape_.close_call.empty()));
  any_ = true;
  state_ = State::between;
  return {Status::next, used};
}

}  // namespace worker::chat
