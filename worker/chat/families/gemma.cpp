// Gemma up to 3 has no tokens for tools: it writes JSON or, in a tool_code fence, Python. FunctionGemma and Gemma 4 have tokens, and quotes
// of their own: call:NAME{key:<|"|>text<|"|>,other:1}.
#include "worker/chat/families/families.hpp"
#include "worker/chat/readers/json_reader.hpp"
#include "worker/chat/readers/named_reader.hpp"
#include "worker/chat/readers/python_reader.hpp"

namespace worker::chat::families {
namespace {

template <bool gemma4>
std::unique_ptr<CallReader> tokens(const Tools& tools) {
  return std::make_unique<NamedReader>(tools, NamedReader::Shape{.open_call = "call:",
                                                                 .after_name = {"{"},
                                                                 .close_call = gemma4 ? "<tool_call|>" : "<end_function_call>",
                                                                 .quote = gemma4 ? "<|\"|>" : "<escape>"});
}

std::unique_ptr<CallReader> python(const Tools& tools) { return std::make_unique<PythonReader>(tools, "```", true); }

}  // namespace

const FamilyTraits& gemma() {
  static const FamilyTraits traits{
      .family = Family::gemma,
      .name = "gemma",
      .openers = {hermes().openers[0],
                  bare_json("{["),
                  fenced_json("```json"),
                  fenced_json("```tool_call"),
                  {.text = "```tool_code", .close = "```", .make = python, .unmarked = true}},
      .thinking = think_tags(),
      .strays = {"<end_of_turn>"},
      .pattern = {.before_name = "{\"name\": \"", .after_name = "\", \"parameters\": ", .after_arguments = "}", .between = "; "},
      .triggers = {"{\"name\": \"", "```json\n{\"name\": \""}};
  return traits;
}

const FamilyTraits& function_gemma() {
  static const FamilyTraits traits{
      .family = Family::function_gemma,
      .name = "function_gemma",
      .openers = {{.text = "<start_function_call>", .close = "<end_function_call>", .make = tokens<false>}},
      .thinking = think_tags(),
      .strays = {"<end_of_turn>", "<start_function_response>", "<escape>"},
      .pattern = {.before_name = "<start_function_call>call:", .after_name = "", .after_arguments = "<end_function_call>"},
      .quote = "<escape>",
      .triggers = {"<start_function_call>"}};
  return traits;
}

const FamilyTraits& gemma4() {
  static const FamilyTraits traits{
      .family = Family::gemma4,
      .name = "gemma4",
      .openers = {{.text = "<|tool_call>", .close = "<tool_call|>", .make = tokens<true>}},
      .thinking = {{"<|channel>thought\n", "<channel|>", true}, {"<|channel>thought", "<channel|>", true}},
      .end_thinking = "<channel|>",
      .strays = {"<turn|>", "<|tool_response>", "<tool_response|>", "<|channel>", "<|\"|>"},
      .pattern = {.before_name = "<|tool_call>call:", .after_name = "", .after_arguments = "<tool_call|>"},
      .quote = "<|\"|>",
      .triggers = {"<|tool_call>"},
      .calls_end_thinking = true};
  return traits;
}

}  // namespace worker::chat::families
