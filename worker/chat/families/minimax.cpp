// <minimax:tool_call><invoke name="NAME"><parameter name="KEY">VALUE</parameter></invoke></minimax:tool_call>: MiniMax M2.
#include "worker/chat/families/families.hpp"

namespace worker::chat::families {
namespace {

XmlReader::Shape shape() {
  return {.open_call = "<invoke name=\"",
          .name_end = "\">",
          .open_key = "<parameter name=\"",
          .key_end = "\"",
          .close_value = "</parameter>",
          .close_call = "</invoke>",
          .close_block = "</minimax:tool_call>"};
}

}  // namespace

const FamilyTraits& minimax() {
  static const FamilyTraits traits{
      .family = Family::minimax,
      .name = "minimax",
      .openers = {{.text = "<minimax:tool_call>",
                   .close = "</minimax:tool_call>",
                   .make = [](const Tools& tools) -> std::unique_ptr<CallReader> { return std::make_unique<XmlReader>(tools, shape()); }}},
      .thinking = think_tags(),
      .pattern = {.begin = "<minimax:tool_call>\n",
                  .before_name = "<invoke name=\"",
                  .after_name = "\">\n",
                  .after_arguments = "</invoke>\n",
                  .end = "</minimax:tool_call>"},
      .xml = shape(),
      .triggers = {"<minimax:tool_call>"}};
  return traits;
}

}  // namespace worker::chat::families
