// Families that write a list of calls as JSON behind one marker and differ in little else: Granite 3, Phi-4-mini, Command R7B and A,
// Nemotron. LFM2 writes the list as Python.
#include "worker/chat/families/families.hpp"
#include "worker/chat/readers/json_reader.hpp"
#include "worker/chat/readers/python_reader.hpp"

namespace worker::chat::families {
namespace {

std::unique_ptr<CallReader> reader(const Tools& tools, JsonReader::Shape shape) {
  return std::make_unique<JsonReader>(tools, std::move(shape));
}

CallPattern list_between(std::string begin, std::string end) {
  return {.begin = std::move(begin),
          .before_name = "{\"name\": \"",
          .after_name = "\", \"arguments\": ",
          .after_arguments = "}",
          .between = ", ",
          .end = std::move(end)};
}

}  // namespace

const FamilyTraits& granite() {
  static const FamilyTraits traits{
      .family = Family::granite,
      .name = "granite",
      .openers = {{.text = "<|tool_call|>", .close = "", .make = [](const Tools& tools) { return reader(tools, {.close_due = false}); }},
                  hermes().openers[0]},
      .thinking = {{"<think>", "</think>"}, {"Here is my thought process:", "Here is my response:"}},
      .strays = {"<response>", "</response>", "<|end_of_text|>"},
      .pattern = list_between("<|tool_call|>[", "]"),
      .triggers = {"<|tool_call|>"}};
  return traits;
}

const FamilyTraits& phi4() {
  static const FamilyTraits traits{
      .family = Family::phi4,
      .name = "phi4",
      .openers = {{.text = "<|tool_call|>",
                   .close = "<|/tool_call|>",
                   .make = [](const Tools& tools) { return reader(tools, {.close = "<|/tool_call|>"}); }},
                  {.text = "functools",
                   .close = "",
                   .make = [](const Tools& tools) { return reader(tools, {.close_due = false, .unmarked = true}); },
                   .unmarked = true}},
      .thinking = think_tags(),
      .strays = {"<|/tool_call|>"},
      .pattern = list_between("<|tool_call|>[", "]<|/tool_call|>"),
      .triggers = {"<|tool_call|>", "functools["}};
  return traits;
}

const FamilyTraits& command_r() {
  static const FamilyTraits traits{
      .family = Family::command_r,
      .name = "command_r",
      .openers = {{.text = "<|START_ACTION|>",
                   .close = "<|END_ACTION|>",
                   .make = [](const Tools& tools) { return reader(tools, {.close = "<|END_ACTION|>"}); }}},
      .thinking = {{"<|START_THINKING|>", "<|END_THINKING|>", true}},
      .end_thinking = "<|END_THINKING|>",
      .strays = {"<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>", "<|END_OF_TURN_TOKEN|>"},
      .pattern = {.begin = "<|START_ACTION|>[",
                  .before_name = "{\"tool_call_id\": \"0\", \"tool_name\": \"",
                  .after_name = "\", \"parameters\": ",
                  .after_arguments = "}",
                  .between = ", ",
                  .end = "]<|END_ACTION|>"},
      .triggers = {"<|START_ACTION|>"},
      .calls_end_thinking = true};
  return traits;
}

const FamilyTraits& nemotron() {
  static const FamilyTraits traits{.family = Family::nemotron,
                                   .name = "nemotron",
                                   .openers = {{.text = "<TOOLCALL>",
                                                .close = "</TOOLCALL>",
                                                .make = [](const Tools& tools) { return reader(tools, {.close = "</TOOLCALL>"}); }}},
                                   .thinking = think_tags(),
                                   .pattern = list_between("<TOOLCALL>[", "]</TOOLCALL>"),
                                   .triggers = {"<TOOLCALL>"}};
  return traits;
}

const FamilyTraits& lfm2() {
  static const FamilyTraits traits{.family = Family::lfm2,
                                   .name = "lfm2",
                                   .openers = {{.text = "<|tool_call_start|>",
                                                .close = "<|tool_call_end|>",
                                                .make = [](const Tools& tools) -> std::unique_ptr<CallReader> {
                                                  return std::make_unique<PythonReader>(tools, "<|tool_call_end|>", false);
                                                }}},
                                   .thinking = think_tags(),
                                   .pattern = {.begin = "<|tool_call_start|>[", .between = ", ", .end = "]<|tool_call_end|>"},
                                   .writes_python = true,
                                   .triggers = {"<|tool_call_start|>"}};
  return traits;
}

}  // namespace worker::chat::families
