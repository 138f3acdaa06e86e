// gpt-oss: every message names a channel and, for a call, a recipient. channel_parser.hpp reads it.
#include "worker/chat/families/families.hpp"

namespace worker::chat::families {

const FamilyTraits& harmony() {
  static const FamilyTraits traits{
      .family = Family::harmony,
      .name = "harmony",
      .thinking = {{"<|channel|>analysis<|message|>", "<|end|>", true}},
      .end_thinking = "<|end|><|start|>assistant<|channel|>final<|message|>",
      .strays = {"<|start|>", "<|end|>", "<|message|>", "<|channel|>", "<|constrain|>", "<|return|>", "<|call|>"},
      .pattern = {.before_name = "<|channel|>commentary to=functions.",
                  .after_name = " <|constrain|>json<|message|>",
                  .after_arguments = "<|call|>",
                  .between = "<|start|>assistant"},
      .triggers = {"<|channel|>commentary to=functions."},
      .calls_end_thinking = true};
  return traits;
}

}  // namespace worker::chat::families
