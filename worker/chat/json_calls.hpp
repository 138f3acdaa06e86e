// Calls written as JSON: {"name": ..., "arguments": {...}}, one or an array of them, read while they arrive.
//
// The names that formats give to the fields differ ("parameters", "tool_name"), and some wrap a call once more ({"function": {...}}); all
// are understood. A call is announced as soon as its name is known and its arguments have begun, whichever came first; arguments written
// as a string of JSON are taken out of the string.
#pragma once

#include <string>
#include <utility>

#include "worker/chat/emitter.hpp"
#include "worker/chat/json_stream.hpp"
#include "worker/chat/tools.hpp"

namespace worker::chat {

class JsonCalls : private JsonStream::Listener {
 public:
  // `unmarked`: nothing but its looks says that this is a call, so it must name one of the tools and hold nothing unusual.
  JsonCalls(const Tools& tools, Emitter& out, bool unmarked);

  bool push(char c);  // false: does not fit, and was not taken
  bool failed() const { return failed_; }
  bool complete() const { return stream_.complete(); }
  bool take_ended() { return std::exchange(ended_, false); }  // a call has, since this was asked last
  bool in_string() const { return stream_.in_string(); }
  // No more comes. False: not without a doubt what was meant.
  bool close(bool marked);
  // It makes no sense. What was announced is given an end all the same: valid JSON for whoever has seen its beginning.
  void abandon();

 private:
  enum class Field { none, name, id, arguments, quoted_arguments, no_arguments };

  void key(std::string_view written) override;
  void value_begins(char first) override;
  void value_ends() override;
  Field field_of(char first);
  void open_call();
  void announce();
  void take_text();
  void end_field();
  void end_call();
  void take_quoted(const std::string& text);

  const Tools& tools_;
  Emitter& out_;
  const bool unmarked_;
  JsonStream stream_;
  std::size_t elements_at_ = 0;  // the depth at which calls stand in an array; 0: there is none
  std::size_t call_at_ = 0;      // the depth of a call's own members; 0: not in one
  std::size_t members_at_ = 0;   // the same, or deeper inside a wrapper
  std::string key_;
  Field field_ = Field::none;
  std::size_t field_at_ = 0;
  std::string text_;  // of a field that must be whole
  std::string name_, id_;
  std::string arguments_;  // came before the name
  bool has_arguments_ = false;
  bool announced_ = false;
  bool repaired_ = false;  // this call
  bool ended_ = false;
  bool failed_ = false;
  bool cut_ = false;
};

}  // namespace worker::chat
