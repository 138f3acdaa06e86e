// Kimi K2: a section of calls, each functions.NAME:NUMBER, a marker and the JSON. The number is part of the call's id.
#include "worker/chat/families/families.hpp"
#include "worker/chat/readers/named_reader.hpp"

namespace worker::chat::families {
namespace {

NamedReader::Shape shape(bool opened) {
  return {.open_call = "<|tool_call_begin|>",
          .after_name = {"<|tool_call_argument_begin|>"},
          .close_call = "<|tool_call_end|>",
          .close_block = "<|tool_calls_section_end|>",
          .id_in_name = true,
          .opened = opened};
}

}  // namespace

const FamilyTraits& kimi() {
  static const FamilyTraits traits{.family = Family::kimi,
                                   .name = "kimi",
                                   .openers = {{.text = "<|tool_calls_section_begin|>",
                                                .close = "<|tool_calls_section_end|>",
                                                .make = [](const Tools& tools) -> std::unique_ptr<CallReader> {
                                                  return std::make_unique<NamedReader>(tools, shape(false));
                                                }},
                                               {.text = "<|tool_call_begin|>",
                                                .close = "<|tool_call_end|>",
                                                .make = [](const Tools& tools) -> std::unique_ptr<CallReader> {
                                                  return std::make_unique<NamedReader>(tools, shape(true));
                                                }}},
                                   .thinking = {{"<think>", "</think>"}, {"◁think▷", "◁/think▷", true}},
                                   .strays = {"<|tool_call_argument_begin|>", "<|tool_call_end|>", "<|tool_calls_section_end|>"},
                                   .pattern = {.begin = "<|tool_calls_section_begin|>",
                                               .before_name = "<|tool_call_begin|>functions.",
                                               .after_name = ":#<|tool_call_argument_begin|>",
                                               .after_arguments = "<|tool_call_end|>",
                                               .end = "<|tool_calls_section_end|>"},
                                   .triggers = {"<|tool_calls_section_begin|>"},
                                   .calls_end_thinking = true};
  return traits;
}

}  // namespace worker::chat::families
