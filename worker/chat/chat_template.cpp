#include "worker/chat/chat_template.hpp"

#include <format>
#include <minja/chat-template.hpp>

#include "worker/chat/adapt.hpp"

namespace worker::chat {

using common::ErrorKind;

namespace {

constexpr const char* kChatMl =
    "{%- for message in messages -%}"
    "{{- '<|im_start|>' + message.role + '\\n' + (message.content or '') + '<|im_end|>\\n' -}}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}";

bool ends_with_open_thought(std::string_view text) {
  std::size_t end = text.find_last_not_of(" \t\r\n");
  return end != std::string_view::npos && text.substr(0, end + 1).ends_with("<think>");
}

TemplateSkills skills_of(const minja::chat_template_caps& caps) {
  return {.tools = caps.supports_tools,
          .tool_calls = caps.supports_tool_calls,
          .tool_results = caps.supports_tool_responses,
          .object_arguments = caps.requires_object_arguments,
          .content_required = caps.requires_non_null_content};
}

}  // namespace

ChatTemplate::ChatTemplate() = default;
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate& ChatTemplate::operator=(ChatTemplate&&) noexcept = default;
ChatTemplate::~ChatTemplate() = default;

common::Result<ChatTemplate> ChatTemplate::parse(std::string source, std::string beginning_text, std::string end_text) {
  ChatTemplate parsed;
  parsed.source_ = source.empty() ? kChatMl : std::move(source);
  try {
    parsed.template_ = std::make_unique<minja::chat_template>(parsed.source_, beginning_text, end_text);
  } catch (const std::exception& e) {
    return common::fail(ErrorKind::bad_model_file, std::format("the model's chat template cannot be parsed: {}", e.what()));
  }
  return parsed;
}

common::Result<Prompt> ChatTemplate::render(Conversation conversation) const {
  Conversation adapted = adapt(std::move(conversation), skills_of(template_->original_caps()));
  minja::chat_template_inputs inputs;
  inputs.messages = std::move(adapted.messages);
  inputs.tools = std::move(adapted.tools);
  inputs.extra_context = std::move(adapted.variables);
  minja::chat_template_options options;
  options.polyfill_tools = false;
  options.polyfill_tool_call_examples = false;
  options.polyfill_tool_calls = false;
  options.polyfill_tool_responses = false;
  options.polyfill_object_arguments = false;
  try {
    Prompt prompt{.text = template_->apply(inputs, options)};
    prompt.in_reasoning = ends_with_open_thought(prompt.text);
    return prompt;
  } catch (const std::exception& e) {
    return common::fail(
        common::Error(ErrorKind::bad_request, std::format("the model's chat template refused the messages: {}", e.what())).in("messages"));
  }
}

}  // namespace worker::chat
