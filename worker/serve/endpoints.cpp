#include "worker/serve/endpoints.hpp"

#include <format>
#include <limits>

#include "worker/chat/utf8.hpp"
#include "worker/serve/fields.hpp"
#include "worker/serve/prepare.hpp"
#include "worker/serve/request.hpp"

namespace worker::serve {

using common::ErrorKind;
using common::Json;
using common::Result;

namespace {

struct Question {
  const HttpCall& call;
  const Served* served;  // set, unless the endpoint answers before the model is loaded
  const Totals& totals;
};

Result<Json> health(const Question& question) { return Json{{"status", question.served ? "ok" : "loading"}}; }

Result<Json> models(const Question& question) {
  Json data = Json::array();
  if (const Served* served = question.served) {
    data.push_back(Json{{"id", served->facts.model}, {"object", "model"}, {"created", served->loaded_at}, {"owned_by", "perch"}});
  }
  return Json{{"object", "list"}, {"data", std::move(data)}};
}

Json memory_of(const common::Ready& facts) {
  Json devices = Json::array();
  for (const common::DeviceMemory& device : facts.memory) {
    devices.push_back(Json{{"device", device.device},
                           {"weights_bytes", device.weights_bytes},
                           {"mapped_bytes", device.mapped_bytes},
                           {"kv_bytes", device.kv_bytes},
                           {"compute_bytes", device.compute_bytes}});
  }
  return devices;
}

// The files and, once the background has got to it, the hash of every byte of each.
Json files_of(const Served& served) {
  auto hashes = served.hashes->result();
  Json files = Json::array();
  for (std::size_t i = 0; i < served.files.size(); ++i) {
    const bool known = hashes && !(*hashes)[i].empty();
    files.push_back(Json{{"path", served.files[i]}, {"sha256", known ? Json((*hashes)[i].substr(sizeof "sha256:" - 1)) : Json(nullptr)}});
  }
  return files;
}

Result<Json> props(const Question& question) {
  const Served& served = *question.served;
  const common::Ready& facts = served.facts;
  const Totals& totals = question.totals;
  return Json{{"model", facts.model},
              {"digest", facts.digest},
              {"architecture", facts.architecture},
              {"quantization", facts.quantization},
              {"purpose", common::to_string(served.facts.purpose)},
              {"modalities", {{"vision", served.projector != nullptr}, {"audio", false}}},
              {"files", files_of(served)},
              {"parameters", facts.parameters},
              {"active_parameters", facts.active_parameters},
              {"context_tokens", facts.context_tokens},
              {"slots", facts.slots},
              {"kv_unified", served.shares_cells},
              {"memory", memory_of(facts)},
              {"slots_busy", totals.slots_busy.load()},
              {"requests_waiting", totals.waiting.load()},
              {"tokens_total", totals.tokens.load()},
              {"prompt_tokens_total", totals.prompt_tokens.load()},
              {"cached_tokens_total", totals.cached_tokens.load()},
              {"calls_repaired_total", totals.calls_repaired.load()},
              {"calls_malformed_total", totals.calls_malformed.load()},
              {"parked_total", totals.parked.load()},
              {"saved_states", totals.saved_states.load()},
              {"saved_bytes", totals.saved_bytes.load()},
              {"sessions", totals.sessions.load()},
              {"sessions_restored_total", totals.sessions_restored.load()},
              {"sessions_refused_total", totals.sessions_refused.load()},
              {"tool_format", served.chat_template ? Json(std::string(chat::to_string(served.chat_template->family()))) : Json(nullptr)},
              {"sampling", served.defaults},
              {"enforced", served.enforced},
              {"chat_template", served.model->chat_template()},
              // Where llama-server's clients look for the same things.
              {"total_slots", facts.slots},
              {"model_alias", facts.model},
              {"default_generation_settings", {{"n_ctx", facts.context_tokens}}}};
}

Result<Json> slots(const Question& question) {
  Json all = Json::array();
  for (const SlotView& slot : question.totals.slots.read()) {
    all.push_back(Json{{"id", slot.id},
                       {"is_processing", slot.busy},
                       {"n_ctx", question.served->facts.context_tokens},
                       {"held_tokens", slot.held},
                       {"prompt_tokens", slot.prompt},
                       {"generated_tokens", slot.generated}});
  }
  return all;
}

struct Printed {
  ChatRequest request;
  chat::Prompt prompt;
};

// The prompt of a chat request.
Result<Printed> printed(const Question& question) {
  auto body = common::parse_json(question.call.body);
  if (!body) return common::fail(body.error());
  auto request = parse_chat_request(*body, question.served->sampling);
  if (!request) return common::fail(request.error());
  auto right = check_id(request->generation.model, *question.served);
  if (!right) return common::fail(right.error());
  auto prompt = render(*question.served, request->conversation);
  if (!prompt) return common::fail(prompt.error());
  return Printed{.request = std::move(*request), .prompt = std::move(*prompt)};
}

Result<Json> apply_template(const Question& question) {
  auto shown = printed(question);
  if (!shown) return common::fail(shown.error());
  return Json{{"prompt", std::move(shown->prompt.text)}};
}

// How long the prompt of a chat request is, with tools and all, before anybody pays for it.
Result<Json> count_tokens(const Question& question) {
  auto shown = printed(question);
  if (!shown) return common::fail(shown.error());
  auto prompt = read_printed(*question.served, shown->request, shown->prompt.text, Reading::to_count);
  if (!prompt) return common::fail(prompt.error());
  return Json{{"object", "response.input_tokens"}, {"input_tokens", prompt->tokens.size()}};
}

Result<Json> tokenize(const Question& question) {
  auto body = common::parse_json(question.call.body);
  if (!body) return common::fail(body.error());
  if (!body->is_object()) return common::fail(ErrorKind::bad_request, "the body must be a JSON object");
  Fields fields(*body);
  auto content = fields.string("content");
  bool add_special = fields.boolean("add_special").value_or(false);
  bool parse_special = fields.boolean("parse_special").value_or(true);
  if (!content) fields.refuse("content", "is required");
  if (fields.fault()) return common::fail(*fields.fault());
  return Json{{"tokens", question.served->model->vocabulary().tokenize(*content, add_special, parse_special)}};
}

Result<Json> detokenize(const Question& question) {
  auto body = common::parse_json(question.call.body);
  if (!body) return common::fail(body.error());
  if (!body->is_object()) return common::fail(ErrorKind::bad_request, "the body must be a JSON object");
  Fields fields(*body);
  const Json* given = fields.array("tokens");
  if (!given) fields.refuse("tokens", "is required");
  const engine::Vocabulary& words = question.served->model->vocabulary();
  std::vector<engine::Token> tokens;
  for (std::size_t i = 0; given && i < given->size(); ++i) {
    const Json& token = (*given)[i];
    if (token.is_number_integer() && token.get<double>() >= 0 && token.get<double>() < words.size()) {
      tokens.push_back(token.get<engine::Token>());
    } else {
      fields.refuse("tokens", std::format("must hold ids from 0 to {}, not {}", words.size() - 1, shown(token)));
    }
  }
  if (fields.fault()) return common::fail(*fields.fault());
  chat::Utf8Gate gate;
  std::string text = gate.feed(words.text_of(tokens));
  text += gate.finish();
  return Json{{"content", std::move(text)}};
}

struct Endpoint {
  const char* method;
  const char* path;
  bool needs_model;
  Result<Json> (*answer)(const Question&);
};

constexpr Endpoint kEndpoints[] = {
    {"GET", "/health", false, health},
    {"GET", "/v1/models", false, models},
    {"GET", "/props", true, props},
    {"GET", "/slots", true, slots},
    {"POST", "/apply-template", true, apply_template},
    {"POST", "/tokenize", true, tokenize},
    {"POST", "/v1/chat/completions/input_tokens", true, count_tokens},
    {"POST", "/detokenize", true, detokenize},
    // Answered elsewhere; here for the sake of a wrong method.
    {"POST", "/v1/chat/completions", true, nullptr},
    {"POST", "/v1/completions", true, nullptr},
    {"POST", "/infill", true, nullptr},
    {"POST", "/v1/embeddings", true, nullptr},
    {"POST", "/v1/rerank", true, nullptr},
    {"POST", "/rerank", true, nullptr},
};

}  // namespace

Result<Json> small_endpoint(const HttpCall& call, const Served* served, const Totals& totals) {
  for (const Endpoint& endpoint : kEndpoints) {
    if (call.path != endpoint.path) continue;
    if (call.method != endpoint.method) {
      return common::fail(ErrorKind::method_not_allowed, std::format("{} takes {}, not {}", call.path, endpoint.method, call.method));
    }
    if (endpoint.needs_model && !served) return common::fail(ErrorKind::model_not_loaded, "the model is not loaded yet");
    return endpoint.answer({.call = call, .served = served, .totals = totals});
  }
  return common::fail(ErrorKind::not_found, std::format("there is nothing at {}", call.path));
}

}  // namespace worker::serve
