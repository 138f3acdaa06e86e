// The model's own chat template: turns the messages of a request into the one text that the model continues.
//
// The template's text also tells the family of the model, and how it thinks. What a template cannot express (tools, tool results, a system
// role) is said in words, in the family's own format, which the output parser reads. Rendering is pure; one thread at a time may use a
// template.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/json.hpp"
#include "common/result.hpp"
#include "worker/chat/family.hpp"
#include "worker/chat/thinking.hpp"

namespace minja {
class chat_template;
}

namespace worker::chat {

struct Conversation {
  common::Json messages;   // OpenAI's shape; content is a string or null
  common::Json tools;      // an array; empty or null: none
  common::Json variables;  // an object the template may look at ("enable_thinking"), or null
};

// What a template can express by itself; adapt.hpp says the rest in words.
struct TemplateSkills {
  bool tools = false;
  bool tool_calls = false;
  bool tool_results = false;
  bool object_arguments = false;  // wants the arguments of earlier calls as objects, where OpenAI's messages have strings
  bool content_required = false;  // cannot bear null content
  bool nine_letter_ids = false;   // refuses other ids of calls
  bool thinking_field = false;    // calls earlier thoughts "thinking", where everybody else has "reasoning_content"
};

struct Prompt {
  std::string text;
  bool in_reasoning = false;  // the template itself has opened a thought
};

class ChatTemplate {
 public:
  // An empty source means ChatML. A family that is named is taken as it is, another is found in the source. Fails with
  // ErrorKind::bad_model_file if the template cannot be parsed.
  static common::Result<ChatTemplate> parse(std::string source, std::string beginning_text, std::string end_text,
                                            std::optional<Family> family = std::nullopt);
  ChatTemplate();  // holds nothing; results need it
  ChatTemplate(ChatTemplate&&) noexcept;
  ChatTemplate& operator=(ChatTemplate&&) noexcept;
  ~ChatTemplate();

  // Fails with ErrorKind::bad_request where the template refuses the conversation.
  common::Result<Prompt> render(Conversation conversation) const;
  const std::string& source() const { return source_; }
  Family family() const { return family_; }
  const ThinkingSkills& thinking() const { return thinking_; }
  // What to make the model say whose budget for thoughts is used up; nothing if it is not known to think.
  std::optional<std::string> end_of_thought() const;

 private:
  common::Result<std::string> text_of(const Conversation& conversation) const;
  TemplateSkills find_skills() const;
  ThinkingSkills find_thinking() const;

  std::string source_;
  Family family_ = Family::generic;
  TemplateSkills skills_;
  ThinkingSkills thinking_;
  std::unique_ptr<const minja::chat_template> template_;
};

}  // namespace worker::chat
