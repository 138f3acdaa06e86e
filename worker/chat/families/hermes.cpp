// <tool_call>{"name": ..., "arguments": {...}}</tool_call>, one block per call: Hermes 2 and 3, Qwen 2.5 and 3, Granite 4 and most
// fine-tunes of small models. It is also what we tell models to write whose template knows no tools.
#include "worker/chat/families/families.hpp"
#include "worker/chat/readers/json_reader.hpp"

namespace worker::chat::families {

const FamilyTraits& hermes() {
  static const FamilyTraits traits{.family = Family::hermes,
                                   .name = "hermes",
                                   .openers = {{.text = "<tool_call>",
                                                .close = "</tool_call>",
                                                .make = [](const Tools& tools) -> std::unique_ptr<CallReader> {
                                                  return std::make_unique<JsonReader>(tools, JsonReader::Shape{.close = "</tool_call>"});
                                                }}},
                                   .thinking = think_tags(),
                                   .pattern = {.before_name = "<tool_call>\n{\"name\": \"",
                                               .after_name = "\", \"arguments\": ",
                                               .after_arguments = "}\n</tool_call>",
                                               .between = "\n"},
                                   .triggers = {"<tool_call>"}};
  return traits;
}

}  // namespace worker::chat::families
