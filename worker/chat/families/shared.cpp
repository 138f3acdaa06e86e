#include <utility>

#include "worker/chat/families/families.hpp"
#include "worker/chat/readers/json_reader.hpp"

namespace worker::chat::families {
namespace {

class JsonOr final : public CallReader {
 public:
  JsonOr(std::unique_ptr<CallReader> json, std::unique_ptr<CallReader> other) : json_(std::move(json)), other_(std::move(other)) {}

  Step read(std::string_view text, bool at_end, Emitter& out) override {
    if (!chosen_) {
      std::size_t at = leading_space(text);
      if (at == text.size() && !at_end) return {};
      chosen_ = at < text.size() && (text[at] == '{' || text[at] == '[') ? json_.get() : other_.get();
    }
    return chosen_->read(text, at_end, out);
  }

 private:
  std::unique_ptr<CallReader> json_, other_;
  CallReader* chosen_ = nullptr;
};

}  // namespace

XmlReader::Shape function_tags(std::string close_block) {
  return {.open_call = "<function=",
          .name_end = ">",
          .open_key = "<parameter=",
          .key_end = ">",
          .close_value = "</parameter>",
          .close_call = "</function>",
          .close_block = std::move(close_block),
          .own_lines = true};
}

std::vector<Thinking> think_tags() { return {{"<think>", "</think>"}}; }

CallOpener bare_json(std::string first_bytes) {
  auto make = [](const Tools& tools) -> std::unique_ptr<CallReader> {
    return std::make_unique<JsonReader>(tools, JsonReader::Shape{.close_due = false, .separator = ";", .unmarked = true});
  };
  return {.text = "", .close = "", .make = make, .first_bytes = std::move(first_bytes), .unmarked = true};
}

CallOpener fenced_json(std::string fence) {
  auto make = [](const Tools& tools) -> std::unique_ptr<CallReader> {
    return std::make_unique<JsonReader>(tools, JsonReader::Shape{.close = "```", .unmarked = true});
  };
  return {.text = std::move(fence), .close = "```", .make = make, .unmarked = true};
}

std::unique_ptr<CallReader> json_or(const Tools& tools, std::string close, std::unique_ptr<CallReader> other) {
  return std::make_unique<JsonOr>(std::make_unique<JsonReader>(tools, JsonReader::Shape{.close = std::move(close)}), std::move(other));
}

}  // namespace worker::chat::families
