// Seed-OSS: the tags of Qwen3-Coder inside <seed:tool_call>, thoughts in <seed:think>.
#include "worker/chat/families/families.hpp"

namespace worker::chat::families {
namespace {

XmlReader::Shape shape() { return function_tags("</seed:tool_call>"); }

}  // namespace

const FamilyTraits& seed() {
  static const FamilyTraits traits{
      .family = Family::seed,
      .name = "seed",
      .openers = {{.text = "<seed:tool_call>",
                   .close = "</seed:tool_call>",
                   .make = [](const Tools& tools) -> std::unique_ptr<CallReader> { return std::make_unique<XmlReader>(tools, shape()); }}},
      .thinking = {{"<seed:think>", "</seed:think>", true}},
      .end_thinking = "\n</seed:think>",
      .strays = {"<seed:cot_budget_reflect>", "</seed:cot_budget_reflect>"},
      .pattern = {.before_name = "<seed:tool_call>\n<function=",
                  .after_name = ">\n",
                  .after_arguments = "</function>\n</seed:tool_call>",
                  .between = "\n"},
      .xml = shape(),
      .triggers = {"<seed:tool_call>"},
      .calls_end_thinking = true};
  return traits;
}

}  // namespace worker::chat::families
