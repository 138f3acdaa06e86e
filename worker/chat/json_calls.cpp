#include "worker/chat/json_calls.hpp"

#include <utility>

namespace worker::chat {

using common::Json;

namespace {

// What is shorter only numbers the calls of one answer.
constexpr std::size_t kShortestId = 6;

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  for (std::string_view each : words) {
    if (each == word) return true;
  }
  return false;
}

std::string unquoted(const std::string& json) {
  auto parsed = common::parse_json(json);
  return parsed && parsed->is_string() ? parsed->get<std::string>() : std::string();
}

}  // namespace

JsonCalls::JsonCalls(const Tools& tools, Emitter& out, bool unmarked) : tools_(tools), out_(out), unmarked_(unmarked), stream_(this) {}

bool JsonCalls::push(char c) {
  bool taken = stream_.push(c);
  take_text();
  return taken && !failed_;
}

bool JsonCalls::close(bool marked) {
  if (stream_.ending(marked) == JsonStream::End::cut) {
    abandon();
    return false;
  }
  if (unmarked_ && call_at_ > 0 && !announced_) return false;
  stream_.close(marked);
  return !failed_;
}

void JsonCalls::abandon() {
  bool open = announced_ && field_ == Field::arguments;
  cut_ = true;
  failed_ = false;
  if (open) stream_.close(false);
  take_text();
  failed_ = true;
}

void JsonCalls::key(std::string_view written) { key_ = unquoted(std::string(written)); }

void JsonCalls::value_begins(char first) {
  take_text();
  if (failed_ || field_ != Field::none) return;
  std::size_t depth = stream_.depth();
  if (call_at_ == 0) {
    bool element = elements_at_ > 0 && depth == elements_at_;
    if (first == '{' && (depth == 0 || element)) return open_call();
    if (first == '[' && depth == 0) elements_at_ = 1;
    else if (depth == 0 || element) failed_ = true;
    return;
  }
  if (depth != members_at_) return;
  if (first == '{' && one_of(key_, {"function", "tool_call", "function_call"}) && name_.empty()) {
    members_at_ = depth + 1;
    return;
  }
  if (first == '[' && key_ == "tool_calls" && name_.empty() && depth == call_at_) {
    elements_at_ = depth + 1;
    call_at_ = members_at_ = 0;
    return;
  }
  field_ = field_of(first);
  field_at_ = depth;
  text_.clear();
  if (field_ == Field::arguments) {
    has_arguments_ = true;
    announce();
  }
}

JsonCalls::Field JsonCalls::field_of(char first) {
  if (one_of(key_, {"name", "tool_name", "function", "function_name"}) && first == '"') return Field::name;
  if (one_of(key_, {"id", "tool_call_id", "call_id"})) return first == '"' ? Field::id : Field::none;
  if (one_of(key_, {"arguments", "parameters", "args"})) {
    if (has_arguments_ && (first == '{' || first == '"')) {  // twice: the first holds
      repaired_ = true;
      return Field::none;
    }
    if (first == '{') return Field::arguments;
    if (first == '"') return Field::quoted_arguments;
    if (first == 'n' || first == 'N') return Field::no_arguments;
    failed_ = true;
  } else if (unmarked_ && !announced_ && key_ != "type") {
    failed_ = true;
  }
  return Field::none;
}

void JsonCalls::open_call() {
  call_at_ = members_at_ = stream_.depth() + 1;
  name_.clear();
  id_.clear();
  arguments_.clear();
  has_arguments_ = announced_ = repaired_ = false;
}

// As soon as both are there: the name, and the beginning of the arguments.
void JsonCalls::announce() {
  if (announced_ || name_.empty() || failed_) return;
  announced_ = true;
  out_.begin_call(tools_.resolve(name_), id_);
  out_.arguments(std::exchange(arguments_, {}));
}

void JsonCalls::take_text() {
  std::string text = stream_.take();
  if (failed_ || field_ == Field::none) return;
  if (field_ != Field::arguments) text_ += text;
  else if (announced_) out_.arguments(text);
  else arguments_ += text;
}

void JsonCalls::value_ends() {
  take_text();
  if (failed_) return;
  std::size_t depth = stream_.depth();
  if (field_ != Field::none) {
    if (depth == field_at_) end_field();
    return;
  }
  if (call_at_ == 0) return;
  if (depth + 1 == call_at_) end_call();
  else if (depth + 1 == members_at_) members_at_ = depth;
}

void JsonCalls::end_field() {
  Field field = std::exchange(field_, Field::none);
  if (field == Field::name && name_.empty()) {
    name_ = unquoted(text_);
    if (!plausible_name(name_) || (unmarked_ && !tools_.offers(tools_.resolve(name_)))) failed_ = true;
    else if (has_arguments_) announce();
  } else if (field == Field::id) {
    id_ = unquoted(text_);
    if (id_.size() < kShortestId) id_.clear();
  } else if (field == Field::quoted_arguments) {
    take_quoted(unquoted(text_));
  } else if (field == Field::no_arguments && text_ != "null") {
    failed_ = true;
  }
}

void JsonCalls::take_quoted(const std::string& text) {
  JsonStream inner;
  std::size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string::npos) return;
  std::size_t to = text.find_last_not_of(" \t\r\n");
  if (text[from] != '{') return void(failed_ = true);
  for (char c : text.substr(from, to - from + 1)) {
    if (!inner.push(c)) return void(failed_ = true);
  }
  if (!inner.complete() && inner.close(true) == JsonStream::End::cut) return void(failed_ = true);
  repaired_ = true;
  has_arguments_ = true;
  arguments_ = inner.take();
  announce();
}

void JsonCalls::end_call() {
  if (cut_) return;
  call_at_ = members_at_ = 0;
  if (name_.empty()) return void(failed_ = true);
  if (!announced_) {
    if (!has_arguments_) arguments_ = "{}";
    announce();
  }
  ended_ = true;
  out_.end_call(repaired_ || stream_.repaired());
}

}  // namespace worker::chat
