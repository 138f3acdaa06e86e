#include "worker/chat/readers/python_reader.hpp"

#include <optional>
#include <utility>

#include "worker/chat/json_stream.hpp"

namespace worker::chat {
namespace {

using common::Json;
using Status = CallReader::Status;

bool of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

std::size_t name_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && of_name(text[length])) ++length;
  return length;
}

struct Call {
  std::string name;
  std::string arguments;  // JSON
  std::size_t length = 0;
};

// The value that `text` begins with, as JSON; its length is 0 if there is none. Complete only if something follows it.
std::pair<std::string, std::size_t> value(std::string_view text) {
  JsonStream stream;
  std::size_t at = 0;
  while (at < text.size() && !stream.complete() && stream.push(text[at])) ++at;
  if (!stream.complete()) return {{}, at == text.size() ? text.size() : 0};
  return {stream.take(), at};
}

// nullopt: not whole; a length of 0: no call.
std::optional<Call> parse(std::string_view text, const Tools& tools) {
  std::size_t at = name_length(text);
  std::string name(text.substr(0, at));
  if (at == text.size()) return std::nullopt;
  if (at == 0 || text[at] != '(') return Call{};
  if (name.ends_with(".call")) name.resize(name.size() - 5);  // how Llama 3.1 calls its built-in tools
  name = tools.resolve(name);
  ++at;
  std::string arguments;
  bool comma = true;
  while (true) {
    at += leading_space(text.substr(at));
    if (at == text.size()) return std::nullopt;
    if (text[at] == ')') break;
    if (!comma) return Call{};
    std::size_t length = name_length(text.substr(at));
    std::string key(text.substr(at, length));
    std::size_t equals = at + length + leading_space(text.substr(at + length));
    if (equals == text.size()) return std::nullopt;
    if (text[equals] == '=' && length > 0) {
      at = equals + 1;
      at += leading_space(text.substr(at));
    } else {
      key = arguments.empty() ? tools.only_parameter(name) : "";
      if (key.empty()) return Call{};
    }
    auto [json, used] = value(text.substr(at));
    if (json.empty()) return at + used == text.size() ? std::nullopt : std::optional(Call{});
    arguments += (arguments.empty() ? "" : ",") + common::dump_json(Json(key)) + ":" + json;
    at += used;
    at += leading_space(text.substr(at));
    comma = at < text.size() && text[at] == ',';
    if (comma) ++at;
  }
  return Call{.name = name, .arguments = "{" + arguments + "}", .length = at + 1};
}

}  // namespace

CallReader::Step PythonReader::read(std::string_view text, bool at_end, Emitter& out) {
  Status nothing = unmarked_ ? Status::not_a_call : Status::malformed;
  std::size_t at = leading_space(text);
  if (at == text.size()) return at_end ? Step{any_ ? Status::done : nothing, at} : Step{};
  if (!std::exchange(begun_, true)) {
    in_list_ = text[at] == '[';
    if (in_list_) return {Status::next, at + 1};
  }
  if (any_ && (text[at] == ',' || text[at] == ';') && in_list_) {
    any_ = false;
    return {Status::next, at + 1};
  }
  if (any_ && (in_list_ || !of_name(text[at]))) return end(text, at, at_end);
  return one_call(text, at, at_end, out);
}

CallReader::Step PythonReader::one_call(std::string_view text, std::size_t at, bool at_end, Emitter& out) {
  bool unmarked_so_far = unmarked_ && !any_;
  // Looking at the whole call again pays only where it may have ended.
  bool may_be_whole = at_end || text.substr(std::min(seen_, text.size())).contains(')') || name_length(text.substr(at)) + at < text.size();
  if (!may_be_whole) return {};
  seen_ = text.size();
  auto call = parse(text.substr(at), tools_);
  if (!call && !at_end) return {};
  bool known = call && call->length > 0 && (!unmarked_so_far || tools_.offers(call->name));
  if (!known) return {unmarked_so_far ? Status::not_a_call : Status::malformed, 0};
  seen_ = 0;
  any_ = true;
  out.begin_call(call->name, {});
  out.arguments(call->arguments);
  out.end_call(false);
  return {Status::next, at + call->length};
}

CallReader::Step PythonReader::end(std::string_view text, std::size_t at, bool at_end) {
  if (in_list_ && text[at] == ']') ++at;
  std::size_t behind = at + leading_space(text.substr(at));
  std::string_view rest = text.substr(behind);
  if (close_.empty()) return {Status::done, at};
  if (rest.starts_with(close_)) return {Status::done, behind + close_.size()};
  if (!at_end && may_become(rest, close_)) return {};
  return {Status::done, at};
}

}  // namespace worker::chat
