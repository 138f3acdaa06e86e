// What a caller asks for, out of the body of an OpenAI request: parsed, checked, and nothing else.
//
// Unknown fields are ignored. A known field of the wrong type or out of its range is refused with its path; so is what is known but not
// supported, rather than being left out in silence.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/json.hpp"
#include "common/result.hpp"
#include "worker/chat/chat_template.hpp"
#include "worker/engine/sampling.hpp"

namespace worker::serve {

// A token by its id, or every token of a text.
struct BiasWish {
  std::variant<std::int64_t, std::string> what;
  float bias = 0;
};

struct GenerationRequest {
  std::optional<std::string> model;
  engine::SamplingParams sampling;  // without logit_bias, which takes a vocabulary to read
  std::vector<BiasWish> logit_bias;
  std::string grammar;                           // GBNF; empty: none
  std::optional<std::size_t> logprobs;           // alternatives per token
  bool prompt_logprobs = false;                  // of the prompt too; nothing of it is taken from the cache then
  std::optional<std::uint64_t> reasoning_limit;  // tokens
  std::size_t choices = 1;                       // n
  bool cache_prompt = true;
  std::optional<std::uint64_t> max_tokens;
  std::optional<std::uint64_t> context_tokens;  // the most of the context that it may fill, prompt and answer
  std::vector<std::string> stop;
  bool stream = false;
  bool include_usage = false;
};

// response_format other than text, or a json_schema.
struct ResponseFormat {
  std::optional<common::Json> schema;  // absent: any JSON object
  std::string field;                   // of the request, that the schema is in
};

struct ToolChoice {
  bool required = false;  // the answer must be a call
  std::string name;       // ... of this tool, unless empty
  bool parallel = true;   // several calls are allowed
  bool strict = false;    // one of the tools asks for arguments that fit its schema, whatever happens
};

// An image file in a conversation: where in the request it was, and what stands for it in the text. No text that was sent can contain that.
struct SentImage {
  std::string path;
  std::string file;
  std::string marker;
};

// In the shape a chat template expects: content is one string or null, "developer" has become "system".
struct Messages {
  common::Json list;
  std::vector<SentImage> images;  // in order
};

struct ChatRequest {
  GenerationRequest generation;
  chat::Conversation conversation;  // tools only if they may be called
  std::vector<SentImage> images;
  ToolChoice tool_choice;
  std::optional<ResponseFormat> format;
};

struct CompletionRequest {
  GenerationRequest generation;
  std::variant<std::string, std::vector<engine::Token>> prompt;
  bool echo = false;  // the answer begins with the prompt, and so do its logprobs
  std::optional<ResponseFormat> format;
};

// A gap between two texts that the model is to fill.
struct InfillRequest {
  struct Extra {
    std::string filename, text;
  };
  GenerationRequest generation;
  std::vector<Extra> extra;  // other files, for the model to know
  std::string prefix, suffix;
  std::string typed;  // into the gap so far
};

// `defaults` are the sampling parameters of a request that names none.
common::Result<ChatRequest> parse_chat_request(const common::Json& body, const engine::SamplingParams& defaults);
common::Result<CompletionRequest> parse_completion_request(const common::Json& body, const engine::SamplingParams& defaults);

common::Result<InfillRequest> parse_infill_request(const common::Json& body, const engine::SamplingParams& defaults);

common::Result<Messages> parse_messages(const common::Json& messages);

}  // namespace worker::serve
