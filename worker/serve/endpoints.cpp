#include "worker/serve/endpoints.hpp"

#include <format>
#include <limits>

#include "worker/chat/utf8.hpp"
#include "worker/serve/fields.hpp"

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

Result<Json> props(const Question& question) {
  const common::Ready& facts = question.served->facts;
  return Json{{"model", facts.model},
              {"digest", facts.digest},
              {"architecture", facts.architecture},
              {"quantization", facts.quantization},
              {"parameters", facts.parameters},
              {"context_tokens", facts.context_tokens},
              {"slots", facts.slots},
              {"slots_busy", question.totals.slots_busy.load()},
              {"requests_waiting", question.totals.waiting.load()},
              {"tokens_total", question.totals.tokens.load()},
              {"prompt_tokens_total", question.totals.prompt_tokens.load()},
              {"chat_template", question.served->model->chat_template()}};
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
    {"POST", "/tokenize", true, tokenize},
    {"POST", "/detokenize", true, detokenize},
    // Answered elsewhere; here for the sake of a wrong method.
    {"POST", "/v1/chat/completions", true, nullptr},
    {"POST", "/v1/completions", true, nullptr},
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
