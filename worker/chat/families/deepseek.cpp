// DeepSeek: a block of calls, each NAME<sep>{...} since V3.1, and before that the word "function", <sep>, the name and the JSON in a code
// fence. The bars of its markers are U+FF5C and the blanks U+2581.
#include "worker/chat/families/families.hpp"
#include "worker/chat/readers/named_reader.hpp"

namespace worker::chat::families {
namespace {

constexpr const char* kBlock = "<｜tool▁calls▁begin｜>";
constexpr const char* kEndBlock = "<｜tool▁calls▁end｜>";
constexpr const char* kCall = "<｜tool▁call▁begin｜>";
constexpr const char* kEndCall = "<｜tool▁call▁end｜>";
constexpr const char* kSeparator = "<｜tool▁sep｜>";

NamedReader::Shape shape(bool opened) {
  return {
      .open_call = kCall, .after_name = {kSeparator}, .close_call = kEndCall, .close_block = kEndBlock, .fenced = true, .opened = opened};
}

FamilyTraits common_traits() {
  auto block = [](const Tools& tools) -> std::unique_ptr<CallReader> { return std::make_unique<NamedReader>(tools, shape(false)); };
  auto call = [](const Tools& tools) -> std::unique_ptr<CallReader> { return std::make_unique<NamedReader>(tools, shape(true)); };
  return {.family = Family::deepseek,
          .name = "deepseek",
          .openers = {{.text = kBlock, .close = kEndBlock, .make = block}, {.text = kCall, .close = kEndCall, .make = call}},
          .thinking = think_tags(),
          .strays = {kEndCall, kEndBlock, kSeparator, "<｜end▁of▁sentence｜>"},
          .triggers = {kBlock},
          .calls_end_thinking = true};
}

}  // namespace

const FamilyTraits& deepseek() {
  static const FamilyTraits traits = [] {
    FamilyTraits made = common_traits();
    made.pattern = {.begin = kBlock,
                    .before_name = std::string(kCall) + "function" + kSeparator,
                    .after_name = "\n```json\n",
                    .after_arguments = std::string("\n```") + kEndCall,
                    .between = "\n",
                    .end = kEndBlock};
    return made;
  }();
  return traits;
}

const FamilyTraits& deepseek_v31() {
  static const FamilyTraits traits = [] {
    FamilyTraits made = common_traits();
    made.family = Family::deepseek_v31;
    made.name = "deepseek_v31";
    made.end_thinking = "</think>";
    made.pattern = {.begin = kBlock, .before_name = kCall, .after_name = kSeparator, .after_arguments = kEndCall, .end = kEndBlock};
    return made;
  }();
  return traits;
}

}  // namespace worker::chat::families
