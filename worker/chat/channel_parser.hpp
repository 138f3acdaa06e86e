// Reads an answer in the harmony format of gpt-oss: messages, each with a header that says for whom it is.
//
//   <|channel|>analysis<|message|>thought<|end|><|start|>assistant<|channel|>commentary to=functions.f
//   <|constrain|>json<|message|>{...}<|call|>
//
// The prompt ends with "<|start|>assistant", so the answer begins inside a header. Messages on the channel "analysis" are thoughts; those
// with a recipient are calls; all others are for the user.
#pragma once

#include <memory>
#include <string>

#include "worker/chat/answer_parser.hpp"
#include "worker/chat/emitter.hpp"
#include "worker/chat/readers/named_reader.hpp"
#include "worker/chat/tools.hpp"

namespace worker::chat {

class ChannelParser final : public AnswerParser {
 public:
  ChannelParser(const Tools* tools, bool in_reasoning, Emitter& out);
  void read(std::string_view text, bool at_end) override;

 private:
  enum class State { header, content, reasoning, arguments, behind_arguments, skipping };

  bool step(bool at_end);
  bool header(bool at_end);
  bool body(bool at_end);
  bool arguments(bool at_end);
  bool behind_arguments(bool at_end);
  void begin_message(std::string_view header);
  void end_message();
  void spoiled();

  const Tools* tools_;
  Emitter& out_;
  State state_;
  std::string text_;
  std::string raw_;  // of a call
  std::unique_ptr<BareArguments> arguments_;
  bool first_ = true;
};

}  // namespace worker::chat
