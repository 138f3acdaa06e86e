#include "worker/chat/chat_template.hpp"

#include <format>
#include <minja/chat-template.hpp>

#include "worker/chat/adapt.hpp"
#include "worker/chat/template_source.hpp"

namespace worker::chat {

using common::ErrorKind;

namespace {

constexpr const char* kChatMl =
    "{%- for message in messages -%}"
    "{{- '<|im_start|>' + message.role + '\\n' + (message.content or '') + '<|im_end|>\\n' -}}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}";

// A conversation in which everything that a template may be able to express can be recognised.
Conversation probe(bool object_arguments) {
  using common::Json;
  Json arguments{{"probe_key", "probe_value"}};
  Json function{{"name", "probe_tool"}, {"arguments", object_arguments ? arguments : Json(common::dump_json(arguments))}};
  Json call{{"id", "callprobe"}, {"type", "function"}, {"function", std::move(function)}};
  Json parameters{{"type", "object"}, {"properties", {{"probe_key", {{"type", "string"}}}}}, {"required", {"probe_key"}}};
  Json tool{{"type", "function"},
            {"function", {{"name", "probe_offer"}, {"description", "Probes."}, {"parameters", std::move(parameters)}}}};
  return {.messages = Json::array({{{"role", "system"}, {"content", "Probe."}},
                                   {{"role", "user"}, {"content", "Hi"}},
                                   {{"role", "assistant"}, {"content", ""}, {"tool_calls", Json::array({std::move(call)})}},
                                   {{"role", "tool"}, {"content", "probe_result"}, {"tool_call_id", "callprobe"}, {"name", "probe_tool"}}}),
          .tools = Json::array({std::move(tool)})};
}

}  // namespace

ChatTemplate::ChatTemplate() = default;
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate& ChatTemplate::operator=(ChatTemplate&&) noexcept = default;
ChatTemplate::~ChatTemplate() = default;

common::Result<ChatTemplate> ChatTemplate::parse(std::string source, std::string beginning_text, std::string end_text,
                                                 std::optional<Family> family) {
  ChatTemplate parsed;
  parsed.source_ = source.empty() ? kChatMl : std::move(source);
  try {
    parsed.template_ = std::make_unique<minja::chat_template>(for_minja(parsed.source_), beginning_text, end_text);
  } catch (const std::exception& e) {
    return common::fail(ErrorKind::bad_model_file, std::format("the model's chat template cannot be parsed: {}", e.what()));
  }
  parsed.family_ = family.value_or(detect(parsed.source_));
  parsed.skills_ = parsed.find_skills();
  parsed.thinking_ = parsed.find_thinking();
  return parsed;
}

// minja looks for JSON and for Qwen's tags, in conversations without a system message. What it does not find may be there all the same.
TemplateSkills ChatTemplate::find_skills() const {
  const minja::chat_template_caps& caps = template_->original_caps();
  bool wants_reasoning = source_.contains("reasoning_content");
  TemplateSkills skills{.tools = caps.supports_tools,
                        .tool_calls = caps.supports_tool_calls,
                        .tool_results = caps.supports_tool_responses,
                        .object_arguments = caps.requires_object_arguments,
                        .content_required = caps.requires_non_null_content,
                        // Mistral's templates refuse other ids, and say so in these words.
                        .nine_letter_ids = source_.contains("length 9") || source_.contains("length != 9"),
                        .thinking_field = !wants_reasoning && (source_.contains(".thinking") || source_.contains("['thinking']"))};
  if (skills.tools && skills.tool_calls && skills.tool_results) return skills;
  for (bool objects : {true, false}) {
    std::string text = text_of(probe(objects)).value_or("");
    bool calls = text.contains("probe_tool") && text.contains("probe_key") && text.contains("probe_value");
    if (calls && !skills.tool_calls) {
      skills.tool_calls = true;
      skills.object_arguments = objects;
    }
    skills.tools = skills.tools || text.contains("probe_offer");
    skills.tool_results = skills.tool_results || (skills.tool_calls && text.contains("probe_result"));
  }
  return skills;
}

// How the end of a prompt changes with the variables: a template may open a thought, or close it at once.
ThinkingSkills ChatTemplate::find_thinking() const {
  const FamilyTraits& family = traits(family_);
  ThinkingSkills skills;
  for (const Thinking& way : family.thinking) skills.thinks = skills.thinks || source_.contains(way.open) || source_.contains(way.close);
  if (family_ == Family::harmony) skills.thinks = true;
  auto with = [this](common::Json variables) {
    Conversation conversation{.messages = common::Json::array({{{"role", "user"}, {"content", "Hi"}}}), .variables = std::move(variables)};
    return text_of(conversation).value_or("");
  };
  auto wish = [&](ThinkingWish asked) { return with(with_thinking(nullptr, asked)); };
  std::string plain = with(nullptr);
  skills.opens = ends_in_thought(plain, family);
  skills.can_be_enabled = wish({.enabled = true}) != wish({.enabled = false});
  skills.can_be_disabled = skills.can_be_enabled && skills.thinks;
  skills.has_efforts = with({{"reasoning_effort", "low"}}) != with({{"reasoning_effort", "high"}});
  return skills;
}

std::optional<std::string> ChatTemplate::end_of_thought() const {
  if (!thinking_.thinks) return std::nullopt;
  return traits(family_).end_thinking;
}

common::Result<Prompt> ChatTemplate::render(Conversation conversation) const {
  auto text = text_of(adapt(std::move(conversation), skills_, family_));
  if (!text) return common::fail(text.error());
  bool in_reasoning = ends_in_thought(*text, traits(family_));
  return Prompt{.text = std::move(*text), .in_reasoning = in_reasoning};
}

common::Result<std::string> ChatTemplate::text_of(const Conversation& conversation) const {
  minja::chat_template_inputs inputs;
  inputs.messages = conversation.messages;
  inputs.tools = conversation.tools;
  inputs.extra_context = conversation.variables;
  minja::chat_template_options options;
  options.polyfill_tools = false;
  options.polyfill_tool_call_examples = false;
  options.polyfill_tool_calls = false;
  options.polyfill_tool_responses = false;
  options.polyfill_object_arguments = false;
  try {
    return template_->apply(inputs, options);
  } catch (const std::exception& e) {
    return common::fail(
        common::Error(ErrorKind::bad_request, std::format("the model's chat template refused the messages: {}", e.what())).in("messages"));
  }
}

}  // namespace worker::chat
