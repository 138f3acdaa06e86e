#include "worker/serve/prepare.hpp"

#include <algorithm>
#include <format>

namespace worker::serve {

using common::Error;
using common::ErrorKind;
using common::Result;
using engine::Token;

namespace {

// An id is never answered by other weights.
Result<void> check_model(const std::optional<std::string>& asked, const Served& served) {
  if (!asked || *asked == served.facts.model) return {};
  return common::fail(
      Error(ErrorKind::model_not_loaded, std::format("this worker serves {}, not {}", served.facts.model, *asked)).in("model"));
}

std::vector<Token> tokenize_prompt(const engine::Vocabulary& words, std::string_view text) {
  // A template writes the beginning-of-text token itself; the tokenizer must not put a second one before it.
  std::string beginning = words.beginning_text();
  if (words.adds_beginning() && !beginning.empty() && text.starts_with(beginning)) text.remove_prefix(beginning.size());
  return words.tokenize(text, true, true);
}

Result<std::vector<Token>> tokens_of(const CompletionRequest& request, const engine::Vocabulary& words) {
  if (auto* text = std::get_if<std::string>(&request.prompt)) return tokenize_prompt(words, *text);
  const auto& tokens = std::get<std::vector<Token>>(request.prompt);
  for (Token token : tokens) {
    if (token >= words.size()) {
      return common::fail(
          Error(ErrorKind::bad_request, std::format("prompt holds the token {}, but the vocabulary ends at {}", token, words.size() - 1))
              .in("prompt"));
    }
  }
  return tokens;
}

Result<Prepared> fit(Prepared prepared, GenerationRequest generation, std::vector<Token> prompt, const Served& served, const char* field) {
  const engine::Vocabulary& words = served.model->vocabulary();
  if (prompt.empty() && words.beginning() >= 0) prompt.push_back(words.beginning());
  if (prompt.empty()) return common::fail(Error(ErrorKind::bad_request, std::string(field) + " must not be empty").in(field));
  std::uint64_t context = served.facts.context_tokens;
  if (prompt.size() + 1 > context) {
    std::string message =
        std::format("the prompt is {} tokens long and needs room for 1 more, but the context holds {} tokens", prompt.size(), context);
    return common::fail(Error(ErrorKind::context_length_exceeded, message).in(field));
  }
  std::uint64_t left = context - prompt.size();
  prepared.stream = generation.stream;
  prepared.include_usage = generation.include_usage;
  prepared.job = JobRequest{.prompt = std::move(prompt),
                            .sampling = generation.sampling,
                            .max_tokens = std::min(generation.max_tokens.value_or(left), left),
                            .stop = std::move(generation.stop)};
  return prepared;
}

Result<Prepared> prepare_chat(const Served& served, const common::Json& body) {
  auto request = parse_chat_request(body, served.sampling);
  if (!request) return common::fail(request.error());
  auto right = check_model(request->generation.model, served);
  if (!right) return common::fail(right.error());
  if (!served.chat_template) return common::fail(ErrorKind::internal, served.chat_template.error().message());
  common::Json tools = request->conversation.tools;
  auto prompt = served.chat_template->render(std::move(request->conversation));
  if (!prompt) return common::fail(prompt.error());
  Prepared prepared{.surface = Surface::chat,
                    .tools = tools.is_array(),
                    .in_reasoning = prompt->in_reasoning,
                    .family = served.chat_template->family(),
                    .tool_definitions = std::move(tools)};
  return fit(std::move(prepared), std::move(request->generation), tokenize_prompt(served.model->vocabulary(), prompt->text), served,
             "messages");
}

Result<Prepared> prepare_completion(const Served& served, const common::Json& body) {
  auto request = parse_completion_request(body, served.sampling);
  if (!request) return common::fail(request.error());
  auto right = check_model(request->generation.model, served);
  if (!right) return common::fail(right.error());
  auto tokens = tokens_of(*request, served.model->vocabulary());
  if (!tokens) return common::fail(tokens.error());
  return fit(Prepared{.surface = Surface::completions}, std::move(request->generation), std::move(*tokens), served, "prompt");
}

}  // namespace

Result<Prepared> prepare(Surface surface, const Served& served, const std::string& body) {
  auto json = common::parse_json(body);
  if (!json) return common::fail(json.error());
  return surface == Surface::chat ? prepare_chat(served, *json) : prepare_completion(served, *json);
}

}  // namespace worker::serve
