// The model's own chat template: turns the messages of a request into the one text that the model continues.
//
// What a template cannot express (tools, tool results, a system role) is said in the words of the Hermes format, which the output parser
// reads. Rendering is pure; one thread at a time may use a template.
#pragma once

#include <memory>
#include <string>

#include "common/json.hpp"
#include "common/result.hpp"

namespace minja {
class chat_template;
}

namespace worker::chat {

struct Conversation {
  common::Json messages;   // OpenAI's shape; content is a string or null
  common::Json tools;      // an array; empty or null: none
  common::Json variables;  // an object the template may look at ("enable_thinking"), or null
};

struct Prompt {
  std::string text;
  bool in_reasoning = false;  // the template itself has opened <think>
};

class ChatTemplate {
 public:
  // An empty source means ChatML. Fails with ErrorKind::bad_model_file if the template cannot be parsed.
  static common::Result<ChatTemplate> parse(std::string source, std::string beginning_text, std::string end_text);
  ChatTemplate();  // holds nothing; results need it
  ChatTemplate(ChatTemplate&&) noexcept;
  ChatTemplate& operator=(ChatTemplate&&) noexcept;
  ~ChatTemplate();

  // Fails with ErrorKind::bad_request where the template refuses the conversation.
  common::Result<Prompt> render(Conversation conversation) const;
  const std::string& source() const { return source_; }

 private:
  std::string source_;
  std::unique_ptr<const minja::chat_template> template_;
};

}  // namespace worker::chat
