// From a request body to a job: parse, render the chat template, tokenize, check that it fits. Pure and possibly slow (a body may be 32
// MiB), so the server runs it on a helper thread.
#pragma once

#include <string>

#include "common/json.hpp"
#include "common/result.hpp"
#include "worker/chat/family.hpp"
#include "worker/serve/job.hpp"
#include "worker/serve/request.hpp"
#include "worker/serve/served.hpp"

namespace worker::serve {

enum class Surface { chat, completions, infill };

struct Prepared {
  Surface surface = Surface::chat;
  std::vector<JobRequest> jobs;  // one per choice
  bool stream = false;
  bool include_usage = false;
  bool tools = false;         // the answer may hold tool calls
  bool in_reasoning = false;  // the prompt has opened a thought
  chat::Family family = chat::Family::hermes;
  common::Json tool_definitions;  // null: unknown, which the parser of calls can bear
  bool logprobs = false;
  std::string echo;  // what the answer begins with
};

// An id is never answered by other weights. ErrorKind: model_not_loaded.
common::Result<void> check_id(const std::optional<std::string>& asked, const Served& served);

// A conversation as the model's chat template prints it, and what the model reads of a printed one.
common::Result<chat::Prompt> render(const Served& served, chat::Conversation conversation);
std::vector<engine::Token> tokenize_prompt(const engine::Vocabulary& words, std::string_view text);
enum class Reading { to_evaluate, to_count };  // to count takes the sizes of images and not their pixels
common::Result<engine::Prompt> read_printed(const Served& served, const ChatRequest& request, const std::string& text, Reading reading);

common::Result<Prepared> prepare(Surface surface, const Served& served, const std::string& body);

}  // namespace worker::serve
