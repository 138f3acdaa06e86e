// Llama 3.1 to 4: the whole answer is {"name": ..., "parameters": {...}}, or the same, or Python, behind <|python_tag|>. Several calls are
// separated by "; ", or stand in a Python list.
#include <utility>

#include "worker/chat/families/families.hpp"
#include "worker/chat/readers/json_reader.hpp"
#include "worker/chat/readers/python_reader.hpp"

namespace worker::chat::families {
namespace {

std::unique_ptr<CallReader> tagged(const Tools& tools) { return json_or(tools, "", std::make_unique<PythonReader>(tools, "", false)); }

// '[' opens a list of either kind.
class ListReader final : public CallReader {
 public:
  explicit ListReader(const Tools& tools)
      : json_(tools, {.close_due = false, .separator = ";", .unmarked = true}), python_(tools, "", true) {}

  Step read(std::string_view text, bool at_end, Emitter& out) override {
    if (!chosen_) {
      std::size_t at = leading_space(text);
      std::size_t inner = at < text.size() && text[at] == '[' ? at + 1 + leading_space(text.substr(at + 1)) : at;
      if (inner >= text.size() && !at_end) return {};
      bool python = at < text.size() && text[at] == '[' && inner < text.size() && text[inner] != '{';
      chosen_ = python ? static_cast<CallReader*>(&python_) : &json_;
    }
    return chosen_->read(text, at_end, out);
  }

 private:
  JsonReader json_;
  PythonReader python_;
  CallReader* chosen_ = nullptr;
};

}  // namespace

const FamilyTraits& llama() {
  static const FamilyTraits traits{
      .family = Family::llama,
      .name = "llama",
      .openers = {{.text = "<|python_tag|>", .close = "<|eom_id|>", .make = tagged},
                  {.text = "",
                   .close = "",
                   .make = [](const Tools& tools) -> std::unique_ptr<CallReader> { return std::make_unique<ListReader>(tools); },
                   .first_bytes = "{[",
                   .unmarked = true}},
      .thinking = think_tags(),
      .strays = {"<|eom_id|>", "<|eot_id|>"},
      .pattern = {.before_name = "{\"name\": \"", .after_name = "\", \"parameters\": ", .after_arguments = "}", .between = "; "},
      .triggers = {"<|python_tag|>", "{\"name\": \""}};
  return traits;
}

}  // namespace worker::chat::families
