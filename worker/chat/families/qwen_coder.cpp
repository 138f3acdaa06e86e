// <tool_call><function=NAME><parameter=KEY>\nVALUE\n</parameter></function></tool_call>: Qwen3-Coder and what follows it. The models are
// known to leave out <tool_call>, so a function opens a call too.
#include "worker/chat/families/families.hpp"

namespace worker::chat::families {
namespace {

XmlReader::Shape shape() { return function_tags("</tool_call>"); }

std::unique_ptr<CallReader> make(const Tools& tools) { return json_or(tools, "</tool_call>", std::make_unique<XmlReader>(tools, shape())); }

}  // namespace

const FamilyTraits& qwen_coder() {
  static const FamilyTraits traits{
      .family = Family::qwen_coder,
      .name = "qwen_coder",
      .openers = {{.text = "<tool_call>", .close = "</tool_call>", .make = make},
                  {.text = "<function=", .close = "</function>", .make = make, .keep = true}},
      .thinking = think_tags(),
      .strays = {},
      .pattern =
          {.before_name = "<tool_call>\n<function=", .after_name = ">\n", .after_arguments = "</function>\n</tool_call>", .between = "\n"},
      .xml = shape(),
      .triggers = {"<tool_call>", "<function="}};
  return traits;
}

}  // namespace worker::chat::families
