// Takes a model's answer apart, as it arrives: what is said to the user, what was only thought, and which tools are to be called.
//
// Text in, parts out, whatever the boundaries of the pieces fed. Markup (<think>, <tool_call>) never shows in the content; a tool call that
// cannot be understood is given back as content, as it was written, rather than lost. One parser per answer.
//
// States: `opening` (nothing but white space yet; <think> is markup only here) -> `reasoning` until </think> -> `content`; from content,
// <tool_call> -> `call` until its JSON object is complete -> `after_call` (an optional </tool_call>) -> content.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace worker::chat {

struct Content {
  std::string text;
  bool operator==(const Content&) const = default;
};
struct Reasoning {
  std::string text;
  bool operator==(const Reasoning&) const = default;
};
struct ToolCall {
  std::string name;
  std::string arguments;  // JSON, as one string
  bool operator==(const ToolCall&) const = default;
};
using Part = std::variant<Content, Reasoning, ToolCall>;

// The markup that must reach the parser as text even where the vocabulary has special tokens for it.
const std::vector<std::string>& markers();

class OutputParser {
 public:
  struct Options {
    bool tools = false;         // the request offered some; without, their markup is ordinary text
    bool in_reasoning = false;  // the prompt has already opened <think>
  };
  explicit OutputParser(Options options);

  std::vector<Part> feed(std::string_view text);
  std::vector<Part> finish();

 private:
  enum class State { opening, reasoning, content, call, after_call };

  bool step(bool at_end);  // false: more text is needed
  bool open(bool at_end);
  bool think(bool at_end);
  bool speak(bool at_end);
  bool call(bool at_end);
  bool after_call(bool at_end);
  void say(std::string_view text);
  void give_back_call(std::size_t length);
  void emit(State kind, std::string_view text);

  Options options_;
  State state_;
  std::string text_;         // not yet decided
  bool skip_space_ = false;  // white space here separates markup and is not part of what follows
  std::string space_;        // white space that is dropped if markup or the end follows
  std::vector<Part> parts_;
};

}  // namespace worker::chat
