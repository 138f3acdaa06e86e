// JSON as models write it, taken byte by byte and passed on as strict JSON while it arrives.
//
// What has come out so far is at every moment the beginning of a valid text, and close() completes it. Slips with one possible meaning are
// put right and remembered (repaired()): trailing commas, brackets closed in the wrong order, raw line breaks inside strings, quotes and
// literals of Python, keys without quotes, unknown escapes. White space between the tokens is dropped. Families that have a quote of their
// own (<|"|>) name it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace worker::chat {

class JsonStream {
 public:
  // Told while a byte is taken. depth() is the number of containers around the value that begins or has ended.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void key(std::string_view) {}         // with its quotes, as JSON
    virtual void value_begins(char /*first*/) {}  // '{', '[', '"' or anything else; before its text comes out
    virtual void value_ends() {}                  // after its text came out
  };
  enum class End {
    complete,
    closed,  // only brackets were missing
    cut,     // something was begun and not ended: a string, a number, a key without its value
  };

  explicit JsonStream(Listener* listener = nullptr, std::string quote = {});

  // False: the byte cannot come next, and it was not taken.
  bool push(char c);
  // What close() would find.
  End ending(bool marked) const;
  // The text ends here; `marked` says that something else (a closing tag) shows so, and not only that no more came.
  End close(bool marked);

  bool complete() const { return state_ == State::done; }
  bool in_string() const { return state_ == State::string; }
  bool repaired() const { return repaired_; }
  std::size_t depth() const { return open_.size(); }
  std::string take();  // what came out since the last call

 private:
  enum class State { value, key, bare_key, colon, next, string, token, done };

  // Where a string may begin: `c` becomes '"' once the family's own quote is complete. Broken: it began and did not go on.
  enum class Quote { settled, unfinished, broken };
  Quote begin_quote(char& c);
  bool begin_value(char c);
  bool begin_key(char c);
  bool string_byte(char c);
  bool own_string_byte(char c);
  void escape_byte(char c);
  void plain_byte(char c);
  void end_string();
  bool end_token();
  void end_value();
  bool open(char bracket);
  bool close_bracket(char bracket);
  void comma_due();
  std::string& text() { return is_key_ && state_ == State::string ? key_ : out_; }
  void flush_surrogate();

  Listener* listener_;
  const std::string quote_;
  State state_ = State::value;
  std::vector<char> open_;
  bool comma_ = false;   // read, and not passed on before it is known that something follows
  bool begun_ = false;   // the container holds something
  bool is_key_ = false;  // what the string is
  char string_quote_ = '"';
  std::string escape_;
  std::string high_surrogate_;
  std::string held_;   // may become quote_
  std::string token_;  // a number, a literal or a bare key
  std::string key_;    // passed on with its colon
  bool repaired_ = false;
  std::string out_;
};

}  // namespace worker::chat
