// What OutputParser has inside: takes text and puts parts into an Emitter. There are two, for answers with markup in them and for answers
// that are a sequence of messages.
#pragma once

#include <string_view>

namespace worker::chat {

class AnswerParser {
 public:
  virtual ~AnswerParser() = default;
  virtual void read(std::string_view text, bool at_end) = 0;
};

}  // namespace worker::chat
