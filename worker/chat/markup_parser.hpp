// Reads an answer in which thoughts and calls stand between markers: every family but harmony.
//
// States: `opening` (nothing but white space yet, or since the last call or thought; here an answer may turn out to be a call without any
// marker) -> `content`; from both, a family's thinking marker -> `reasoning` until its end, and an opener of calls -> `call`, which its
// reader ends. A call that makes no sense -> `skipping` to where it should have ended.
//
// A <think> in the middle of a line is text: answers may speak of it. One that closes nothing is dropped.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "worker/chat/answer_parser.hpp"
#include "worker/chat/emitter.hpp"
#include "worker/chat/family.hpp"

namespace worker::chat {

class MarkupParser final : public AnswerParser {
 public:
  MarkupParser(const FamilyTraits& family, const Tools* tools, bool in_reasoning, Emitter& out);
  void read(std::string_view text, bool at_end) override;

 private:
  enum class State { opening, reasoning, content, call, skipping };
  struct Mark {
    enum class Kind { none, call, think, end_think } kind = Kind::none;
    std::size_t at = std::string::npos;
    std::size_t length = 0;
    std::size_t index = 0;  // of the opener or the way of thinking
  };

  bool step(bool at_end);  // false: more text is needed
  bool open(bool at_end);
  bool speak(bool at_end);
  bool think(bool at_end);
  bool call(bool at_end);
  bool skip(bool at_end);
  Mark first_mark() const;
  std::size_t unsure() const;  // how much of the end may become a marker
  void say(std::size_t length);
  void begin_thought(std::size_t way, std::size_t used);
  void begin_call(const CallOpener& opener, std::size_t used);
  void spoiled();

  const FamilyTraits& family_;
  const Tools* tools_;  // null: calls are not looked for
  Emitter& out_;
  State state_;
  std::string text_;               // not yet decided
  std::vector<std::string> ends_;  // of the thought
  bool line_start_ = true;
  std::size_t think_as_text_ = 0;  // opened in the middle of a line
  const CallOpener* opener_ = nullptr;
  std::unique_ptr<CallReader> reader_;
  std::size_t ended_before_ = 0;  // calls, when this reader began
  std::string raw_;               // of the call being read, for when it makes no sense
  int spoiled_ = 0;
};

}  // namespace worker::chat
