// Puts another name into the "model" of a server's answers as they pass: of one JSON object, or of each event of a stream. Pure.
//
// Every other byte stays what it is and where it is, whatever the answer looks like: only the string that is the value of "model" in the
// outermost object is replaced. What is no JSON object passes as it is. Constant memory, however long the answer.
#pragma once

#include <string>
#include <string_view>

namespace proxy::net {

class ModelName {
 public:
  ModelName(std::string_view name, bool event_stream);

  // The next piece, as it is to be passed on. What is in the middle of the old name is left out, so this may be nothing.
  std::string pass(std::string_view piece);
  // Whether a JSON object has begun and not ended. A whole answer never ends like that.
  bool in_object() const { return depth_ > 0; }

 private:
  // What is expected next. Between events and in lines that are not data: `line`.
  enum class State { line, begin, members, key, colon, value, old_name, text, rest };

  void take(char c, std::string& out);
  void begin_line();
  void take_in_line(char c);
  void take_structure(char c);

  std::string quoted_;  // the name as a JSON string
  bool event_stream_;
  State state_;
  std::string line_;     // the beginning of a line, while it may become "data:"
  std::string key_;      // of the outermost object, as far as it may be "model"
  int depth_ = 0;        // of objects and lists that are open
  bool key_due_ = false;  // the next string of the outermost object is a key
  bool is_model_ = false;  // the key in hand is
  bool escaped_ = false;  // inside a string: the next character is part of an escape
};

}  // namespace proxy::net
