// Takes a model's answer apart, as it arrives: what is said to the user, what was only thought, and which tools are to be called.
//
// Text in, parts out, whatever the boundaries of the pieces fed. Markup never shows in the content. A call streams: its start, then its
// arguments as pieces of one JSON object. One that was written badly is repaired where there is no doubt about what was meant; otherwise it
// is reported as a MalformedCall. Both are counted. One parser per answer.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "worker/chat/answer_parser.hpp"
#include "worker/chat/emitter.hpp"
#include "worker/chat/family.hpp"
#include "worker/chat/part.hpp"

namespace worker::chat {

class OutputParser {
 public:
  struct Options {
    bool tools = false;         // the request offered some; without, their markup is ordinary text
    bool in_reasoning = false;  // the prompt has already opened a thought
    Family family = Family::hermes;
    common::Json definitions = nullptr;  // of the tools, as in the request; null: any name may be one, and all parameters look like JSON
  };
  explicit OutputParser(Options options);

  std::vector<Part> feed(std::string_view text);
  std::vector<Part> finish();
  const ParserCounts& counts() const { return out_->counts(); }

 private:
  // On the heap: the parsers refer to them, and this class may be moved.
  std::unique_ptr<Tools> tools_;
  std::unique_ptr<Emitter> out_;
  std::unique_ptr<AnswerParser> parser_;
};

}  // namespace worker::chat
