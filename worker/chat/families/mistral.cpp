// [TOOL_CALLS][{"name": ..., "arguments": {...}}, ...] up to 2024, [TOOL_CALLS]name[ARGS]{...} for each call since (also with [CALL_ID]).
// Magistral and later think in [THINK]...[/THINK].
#include "worker/chat/families/families.hpp"
#include "worker/chat/readers/json_reader.hpp"
#include "worker/chat/readers/named_reader.hpp"

namespace worker::chat::families {
namespace {

std::unique_ptr<CallReader> make(const Tools& tools) {
  NamedReader::Shape shape{.open_call = "[TOOL_CALLS]",
                           .after_name = {"[ARGS]", "{"},
                           .id_mark = "[CALL_ID]",
                           .close_call = "",
                           .close_block = "",
                           .opened = true};
  return json_or(tools, "", std::make_unique<NamedReader>(tools, std::move(shape)));
}

FamilyTraits common_traits() {
  return {.family = Family::mistral,
          .name = "mistral",
          .openers = {{.text = "[TOOL_CALLS]", .close = "", .make = make}},
          .thinking = {{"[THINK]", "[/THINK]", true}, {"<think>", "</think>"}},
          .end_thinking = "[/THINK]",
          .strays = {"[ARGS]", "[CALL_ID]", "[/TOOL_CALLS]"},
          .triggers = {"[TOOL_CALLS]"},
          .calls_end_thinking = true};
}

}  // namespace

const FamilyTraits& mistral() {
  static const FamilyTraits traits = [] {
    FamilyTraits made = common_traits();
    made.pattern = {.begin = "[TOOL_CALLS][",
                    .before_name = "{\"name\": \"",
                    .after_name = "\", \"arguments\": ",
                    .after_arguments = "}",
                    .between = ", ",
                    .end = "]"};
    return made;
  }();
  return traits;
}

const FamilyTraits& mistral_named() {
  static const FamilyTraits traits = [] {
    FamilyTraits made = common_traits();
    made.family = Family::mistral_named;
    made.name = "mistral_named";
    made.pattern = {.before_name = "[TOOL_CALLS]", .after_name = "[ARGS]", .after_arguments = ""};
    return made;
  }();
  return traits;
}

}  // namespace worker::chat::families
