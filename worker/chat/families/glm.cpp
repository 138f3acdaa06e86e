// <tool_call>NAME\n<arg_key>K</arg_key>\n<arg_value>V</arg_value>\n</tool_call>: GLM 4.5 and later.
#include "worker/chat/families/families.hpp"

namespace worker::chat::families {
namespace {

XmlReader::Shape shape() {
  return {.open_call = "",
          .name_end = "\n",
          .open_key = "<arg_key>",
          .key_end = "</arg_key>",
          .open_value = "<arg_value>",
          .close_value = "</arg_value>",
          .close_call = "</tool_call>"};
}

std::unique_ptr<CallReader> make(const Tools& tools) { return json_or(tools, "</tool_call>", std::make_unique<XmlReader>(tools, shape())); }

}  // namespace

const FamilyTraits& glm() {
  static const FamilyTraits traits{
      .family = Family::glm,
      .name = "glm",
      .openers = {{.text = "<tool_call>", .close = "</tool_call>", .make = make}},
      .thinking = think_tags(),
      .pattern = {.before_name = "<tool_call>", .after_name = "\n", .after_arguments = "</tool_call>", .between = "\n"},
      .xml = shape(),
      .triggers = {"<tool_call>"}};
  return traits;
}

}  // namespace worker::chat::families
