// Follows an answer's text for whether the model is thinking, and ends a thought that takes too long: the closing words are then said for
// the model, token by token, and the answer goes on from there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "worker/serve/job.hpp"

namespace worker::serve {

class ThinkingWatch {
 public:
  explicit ThinkingWatch(const Thinking& thinking) : config_(&thinking), thinks_(thinking.begun) {}

  bool thinks() const { return thinks_; }
  std::uint64_t tokens() const { return tokens_; }  // spent on thoughts
  // The next token, where it is not the model's to choose. Ask once per token.
  std::optional<engine::Token> decided();
  // The text of the next token.
  void saw(std::string_view piece);

 private:
  const Thinking* config_;  // the job's
  bool thinks_;
  bool may_begin_ = true;  // only an answer's first words can
  std::string recent_;
  std::uint64_t tokens_ = 0;
  std::size_t said_ = 0;  // of the ending
};

}  // namespace worker::serve
