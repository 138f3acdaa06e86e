#include "worker/serve/request.hpp"

#include <algorithm>
#include <format>
#include <iterator>
#include <limits>
#include <string_view>

#include "common/sampling_fields.hpp"
#include "common/whole_number.hpp"
#include "worker/chat/thinking.hpp"
#include "worker/serve/fields.hpp"
#include "worker/serve/gbnf_check.hpp"

namespace worker::serve {

using common::Error;
using common::ErrorKind;
using common::Json;
using common::Result;

namespace {

constexpr std::size_t kMaxStops = 16;
constexpr std::int64_t kMaxChoices = 32;
constexpr std::int64_t kMaxLogprobs = 20;
constexpr std::size_t kMaxGrammarBytes = 64 * 1024;
constexpr std::size_t kMaxBiases = 1024;
constexpr std::size_t kMaxBreakers = 64;
constexpr std::int64_t kMaxInt = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t kMaxToolName = 64;

std::vector<std::string> read_stop(Fields& body) {
  const Json* value = body.find("stop");
  if (!value) return {};
  std::vector<std::string> stops;
  if (value->is_string()) {
    stops.push_back(value->get<std::string>());
  } else if (value->is_array()) {
    if (value->size() > kMaxStops) body.refuse("stop", std::format("may hold at most {} strings, not {}", kMaxStops, value->size()));
    for (const Json& entry : *value) {
      if (!entry.is_string()) return body.refuse("stop", "must hold strings, not " + shown(entry)), stops;
      stops.push_back(entry.get<std::string>());
    }
  } else {
    body.refuse("stop", "must be a string or an array of strings, not " + shown(*value));
  }
  for (const std::string& stop : stops) {
    if (stop.empty()) body.refuse("stop", "must not hold an empty string");
  }
  return stops;
}

std::uint32_t seed_of(std::int64_t seed) {
  auto bits = static_cast<std::uint64_t>(seed);
  return static_cast<std::uint32_t>(bits ^ (bits >> 32));
}

void read(Fields& body, const common::NumberField& field, float& into) {
  if (auto v = body.number(field.name, field.low, field.high)) into = static_cast<float>(*v);
}

// A whole number within the limits of `field`, under its own name or another one.
std::optional<std::int64_t> integer(Fields& body, const common::NumberField& field, const char* name) {
  return body.integer(name, static_cast<std::int64_t>(field.low), static_cast<std::int64_t>(field.high));
}

void read(Fields& body, const common::NumberField& field, int& into) {
  if (auto v = integer(body, field, field.name)) into = static_cast<int>(*v);
}

void read_sampling(Fields& body, engine::SamplingParams& sampling) {
  using common::sampling_field;
  read(body, sampling_field("temperature"), sampling.temperature);
  read(body, sampling_field("dynatemp_range"), sampling.dynatemp_range);
  read(body, sampling_field("dynatemp_exponent"), sampling.dynatemp_exponent);
  read(body, sampling_field("top_k"), sampling.top_k);
  read(body, sampling_field("top_p"), sampling.top_p);
  read(body, sampling_field("min_p"), sampling.min_p);
  read(body, sampling_field("typical_p"), sampling.typical_p);
  read(body, sampling_field("top_n_sigma"), sampling.top_n_sigma);
  read(body, sampling_field("xtc_probability"), sampling.xtc_probability);
  read(body, sampling_field("xtc_threshold"), sampling.xtc_threshold);
  read(body, sampling_field("repeat_last_n"), sampling.penalty_last_n);
  read(body, sampling_field("repeat_penalty"), sampling.repeat_penalty);
  read(body, sampling_field("frequency_penalty"), sampling.frequency_penalty);
  read(body, sampling_field("presence_penalty"), sampling.presence_penalty);
  read(body, sampling_field("dry_multiplier"), sampling.dry_multiplier);
  read(body, sampling_field("dry_base"), sampling.dry_base);
  read(body, sampling_field("dry_allowed_length"), sampling.dry_allowed_length);
  read(body, sampling_field("dry_penalty_last_n"), sampling.dry_penalty_last_n);
  read(body, sampling_field("mirostat"), sampling.mirostat);
  read(body, sampling_field("mirostat_tau"), sampling.mirostat_tau);
  read(body, sampling_field("mirostat_eta"), sampling.mirostat_eta);
  sampling.ignore_eos = body.boolean("ignore_eos").value_or(sampling.ignore_eos);
  if (const Json* breakers = body.array("dry_sequence_breakers")) {
    if (breakers->size() > kMaxBreakers)
      body.refuse("dry_sequence_breakers", std::format("may hold at most {} strings, not {}", kMaxBreakers, breakers->size()));
    sampling.dry_sequence_breakers.clear();
    for (const Json& entry : *breakers) {
      if (!entry.is_string() || entry.get_ref<const std::string&>().empty())
        return body.refuse("dry_sequence_breakers", "must hold non-empty strings, not " + shown(entry));
      sampling.dry_sequence_breakers.push_back(entry.get<std::string>());
    }
  }
  if (auto v = body.integer("seed", std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max())) {
    if (*v == -1) sampling.seed.reset();  // llama-server's word for a new one each time
    else sampling.seed = seed_of(*v);
  }
}

// A bias, where false stands for "never".
std::optional<float> bias_of(const Json& value) {
  if (value == false) return -std::numeric_limits<float>::infinity();
  if (value.is_number() && value.get<double>() >= -100 && value.get<double>() <= 100) return value.get<float>();
  return std::nullopt;
}

// OpenAI's object of id -> bias, or llama-server's array of [id or text, bias or false].
std::vector<BiasWish> read_logit_bias(Fields& body) {
  const Json* value = body.find("logit_bias");
  std::vector<BiasWish> wishes;
  if (!value) return wishes;
  if (!value->is_object() && !value->is_array()) {
    return body.refuse("logit_bias", "must be an object or an array, not " + shown(*value)), wishes;
  }
  if (value->size() > kMaxBiases) body.refuse("logit_bias", std::format("may hold at most {} entries, not {}", kMaxBiases, value->size()));
  auto add = [&](const std::string& name, std::variant<std::int64_t, std::string> what, const Json& given) {
    auto bias = bias_of(given);
    if (!bias) body.refuse(name, "must be a number from -100 to 100, not " + shown(given));
    if (bias) wishes.push_back({.what = std::move(what), .bias = *bias});
  };
  if (value->is_object()) {
    for (auto& [key, given] : value->items()) {
      const auto id = common::whole_number<std::int64_t>(key);
      add("logit_bias." + key, id ? std::variant<std::int64_t, std::string>(*id) : key, given);
    }
    return wishes;
  }
  for (std::size_t i = 0; i < value->size(); ++i) {
    const Json& pair = (*value)[i];
    std::string name = std::format("logit_bias[{}]", i);
    if (!pair.is_array() || pair.size() != 2 || !(pair[0].is_number_integer() || pair[0].is_string())) {
      body.refuse(name, "must be [token id or text, bias], not " + shown(pair));
    } else if (pair[0].is_string()) {
      add(name, pair[0].get<std::string>(), pair[1]);
    } else {
      add(name, pair[0].get<std::int64_t>(), pair[1]);
    }
  }
  return wishes;
}

GenerationRequest read_generation(Fields& body, const engine::SamplingParams& defaults) {
  GenerationRequest request{.model = body.string("model"), .sampling = defaults};
  read_sampling(body, request.sampling);
  request.logit_bias = read_logit_bias(body);
  // The newest name wins. llama-server's n_predict says -1 for "as many as fit".
  if (auto v = body.integer("n_predict", -1, kMaxInt)) {
    if (*v == 0) body.refuse("n_predict", "must be 1 or more, or -1 for as many as fit, not 0");
    if (*v > 0) request.max_tokens = static_cast<std::uint64_t>(*v);
  }
  for (const char* name : {"max_tokens", "max_completion_tokens"}) {
    if (auto v = integer(body, common::sampling_field("max_tokens"), name)) request.max_tokens = static_cast<std::uint64_t>(*v);
  }
  if (auto v = body.integer("context_tokens", 1, kMaxInt)) request.context_tokens = static_cast<std::uint64_t>(*v);
  constexpr const common::NumberField& budget = common::sampling_field("reasoning_budget");
  if (auto v = integer(body, budget, budget.name); v && *v >= 0) request.reasoning_limit = static_cast<std::uint64_t>(*v);
  request.stop = read_stop(body);
  request.stream = body.boolean("stream").value_or(false);
  request.cache_prompt = body.boolean("cache_prompt").value_or(true);
  if (const Json* options = body.object("stream_options")) {
    Fields fields(*options, "stream_options");
    request.include_usage = fields.boolean("include_usage").value_or(false);
    if (fields.fault()) body.refuse(*fields.fault());
  }
  request.choices = static_cast<std::size_t>(body.integer("n", 1, kMaxChoices).value_or(1));
  request.grammar = body.string("grammar").value_or("");
  if (request.grammar.size() > kMaxGrammarBytes)
    body.refuse("grammar", std::format("may be at most {} bytes long, not {}", kMaxGrammarBytes, request.grammar.size()));
  if (auto wrong = unreadable_gbnf(request.grammar)) body.refuse("grammar", *wrong);
  return request;
}

ResponseFormat format_of(const Json* schema, std::string field) {
  ResponseFormat format{.field = std::move(field)};
  if (schema) format.schema.emplace(*schema);
  return format;
}

std::optional<ResponseFormat> read_format(Fields& body) {
  const Json* format = body.object("response_format");
  // llama-server's own field for it.
  if (const Json* schema = body.object("json_schema")) {
    if (format) body.refuse("json_schema", "cannot be combined with response_format");
    return format_of(schema, "json_schema");
  }
  if (!format) return std::nullopt;
  Fields fields(*format, "response_format");
  std::string type = fields.string("type").value_or("text");
  if (fields.fault()) return body.refuse(*fields.fault()), std::nullopt;
  if (type == "text") return std::nullopt;
  if (type == "json_object") {
    // llama-server's way to give a schema.
    const Json* schema = fields.object("schema");
    if (fields.fault()) return body.refuse(*fields.fault()), std::nullopt;
    return format_of(schema, "response_format.schema");
  }
  if (type != "json_schema") {
    body.refuse("response_format.type", "must be \"text\", \"json_object\" or \"json_schema\", not \"" + type + "\"");
    return std::nullopt;
  }
  const Json* wrapper = fields.object("json_schema");
  if (!wrapper) fields.refuse("json_schema", "is required");
  if (fields.fault()) return body.refuse(*fields.fault()), std::nullopt;
  Fields inner(*wrapper, "response_format.json_schema");
  const Json* schema = inner.find("schema");
  if (!schema || !(schema->is_object() || schema->is_boolean())) inner.refuse("schema", "is required, and must be an object");
  if (inner.fault()) return body.refuse(*inner.fault()), std::nullopt;
  return format_of(schema, "response_format.json_schema.schema");
}

void check_tool(Fields& body, const Json& tool, std::size_t index) {
  std::string path = std::format("tools[{}]", index);
  if (!tool.is_object()) return body.refuse(path, "must be an object, not " + shown(tool));
  Fields fields(tool, path);
  auto type = fields.string("type");
  if (!type || *type != "function") fields.refuse("type", "must be \"function\"" + (type ? ", not \"" + *type + "\"" : std::string()));
  const Json* function = fields.object("function");
  if (!function) fields.refuse("function", "is required");
  if (fields.fault()) return body.refuse(*fields.fault());
  Fields inner(*function, path + ".function");
  auto name = inner.string("name");
  if (!name || name->empty()) inner.refuse("name", "is required");
  if (name && name->size() > kMaxToolName)
    inner.refuse("name", std::format("may be at most {} bytes long, not {}", kMaxToolName, name->size()));
  inner.string("description");
  inner.object("parameters");
  if (inner.fault()) body.refuse(*inner.fault());
}

// Null counts as absent here, too, and nobody who reads a tool later has to know.
Json without_nulls(Json tools) {
  for (Json& tool : tools) {
    Json& function = tool["function"];
    for (auto member = function.begin(); member != function.end();) member = member->is_null() ? function.erase(member) : std::next(member);
  }
  return tools;
}

bool offers(const Json& tools, const std::string& name) {
  for (const Json& tool : tools) {
    if (tool["function"]["name"] == name) return true;
  }
  return false;
}

bool wants_strict(const Json& tools) {
  for (const Json& tool : tools) {
    auto strict = tool["function"].find("strict");
    if (strict != tool["function"].end() && *strict == true) return true;
  }
  return false;
}

// {"type": "function", "function": {"name": ...}}: the name.
std::string read_named_choice(Fields& body, const Json& choice, const Json* tools) {
  Fields fields(choice, "tool_choice");
  const Json* function = fields.object("function");
  if (fields.string("type") != "function" || !function) fields.refuse("function", "is required, with \"type\": \"function\"");
  if (fields.fault()) return body.refuse(*fields.fault()), "";
  Fields inner(*function, "tool_choice.function");
  auto name = inner.string("name");
  if (!name) inner.refuse("name", "is required");
  if (inner.fault()) return body.refuse(*inner.fault()), "";
  if (!tools || !offers(*tools, *name)) body.refuse("tool_choice.function.name", "\"" + *name + "\" is not among the tools of the request");
  return *name;
}

// The tools that may be called go into the conversation; null if none may.
void read_tools(Fields& body, ChatRequest& request) {
  const Json* tools = body.array("tools");
  for (std::size_t i = 0; tools && i < tools->size(); ++i) check_tool(body, (*tools)[i], i);
  if (body.fault()) return;
  const bool any = tools && !tools->empty();
  request.tool_choice.parallel = body.boolean("parallel_tool_calls").value_or(true);
  const Json* choice = body.find("tool_choice");
  if (choice && choice->is_object()) {
    request.tool_choice.required = true;
    request.tool_choice.name = read_named_choice(body, *choice, tools);
    request.tool_choice.parallel = false;
  } else if (choice && !choice->is_string()) {
    body.refuse("tool_choice", "must be a string or an object, not " + shown(*choice));
  } else if (choice) {
    auto word = choice->get<std::string>();
    if (word == "none") return;
    if (word != "auto" && word != "required") {
      body.refuse("tool_choice", "must be \"auto\", \"none\", \"required\" or a function, not " + shown(*choice));
    } else if (word == "required" && !any) {
      body.refuse("tool_choice", "is \"required\" but the request offers no tools");
    }
    request.tool_choice.required = word == "required";
  }
  if (!any || body.fault()) return;
  request.conversation.tools = without_nulls(*tools);
  request.tool_choice.strict = wants_strict(*tools);
}

chat::ThinkingWish read_thinking(Fields& body) {
  chat::ThinkingWish wish{.effort = body.string("reasoning_effort"), .enabled = body.boolean("enable_thinking")};
  if (!wish.effort) return wish;
  static constexpr std::string_view kEfforts[] = {"none", "minimal", "low", "medium", "high", "xhigh"};
  if (std::ranges::find(kEfforts, *wish.effort) == std::end(kEfforts))
    body.refuse("reasoning_effort", "must be none, minimal, low, medium, high or xhigh, not \"" + *wish.effort + "\"");
  return wish;
}

// One answer cannot be held to two things.
void check_constraints(Fields& body, const ChatRequest& request) {
  const bool tools = request.conversation.tools.is_array();
  if (!request.generation.grammar.empty() && (request.format || tools))
    body.refuse("grammar", std::string("cannot be combined with ") + (tools ? "tools" : "response_format"));
  if (request.format && request.tool_choice.required)
    body.refuse("response_format", "cannot be combined with a tool_choice that forces a call");
}

}  // namespace

Result<ChatRequest> parse_chat_request(const Json& json, const engine::SamplingParams& defaults) {
  if (!json.is_object()) return common::fail(ErrorKind::bad_request, "the body must be a JSON object, not " + shown(json));
  Fields body(json);
  ChatRequest request{.generation = read_generation(body, defaults)};
  request.format = read_format(body);
  auto top = body.integer("top_logprobs", 0, kMaxLogprobs);
  if (body.boolean("logprobs").value_or(false)) {
    request.generation.logprobs = static_cast<std::size_t>(top.value_or(0));
  } else if (top && *top > 0) {
    body.refuse("top_logprobs", "needs \"logprobs\": true beside it");
  }
  read_tools(body, request);
  check_constraints(body, request);
  const Json* variables = body.object("chat_template_kwargs");
  request.conversation.variables = chat::with_thinking(variables ? *variables : Json(nullptr), read_thinking(body));
  const Json* messages = body.array("messages");
  if (!messages) body.refuse("messages", "is required");
  if (body.fault()) return common::fail(*body.fault());
  auto parsed = parse_messages(*messages);
  if (!parsed) return common::fail(parsed.error());
  request.conversation.messages = std::move(parsed->list);
  request.images = std::move(parsed->images);
  return request;
}

Result<CompletionRequest> parse_completion_request(const Json& json, const engine::SamplingParams& defaults) {
  if (!json.is_object()) return common::fail(ErrorKind::bad_request, "the body must be a JSON object, not " + shown(json));
  Fields body(json);
  CompletionRequest request{.generation = read_generation(body, defaults)};
  request.format = read_format(body);
  if (request.format && !request.generation.grammar.empty()) body.refuse("grammar", "cannot be combined with response_format");
  // A number of alternatives here, where chat has a yes or no.
  if (const Json* logprobs = body.find("logprobs"); logprobs && !logprobs->is_boolean()) {
    if (auto top = body.integer("logprobs", 0, kMaxLogprobs)) request.generation.logprobs = static_cast<std::size_t>(*top);
  } else if (logprobs && *logprobs == true) {
    request.generation.logprobs = 0;
  }
  request.echo = body.boolean("echo").value_or(false);
  if (request.echo && request.generation.logprobs) {
    request.generation.prompt_logprobs = true;
    request.generation.cache_prompt = false;  // what is not evaluated has no logits
  }
  if (auto suffix = body.string("suffix"); suffix && !suffix->empty()) body.refuse("suffix", "is not supported yet");
  if (auto best = body.integer("best_of", 1, 128); best && static_cast<std::size_t>(*best) != request.generation.choices)
    body.refuse("best_of", std::format("may only be as many as n, which is {}", request.generation.choices));
  const Json* prompt = body.find("prompt");
  if (!prompt) {
    body.refuse("prompt", "is required");
  } else if (prompt->is_string()) {
    request.prompt = prompt->get<std::string>();
  } else if (prompt->is_array() && prompt->size() == 1 && (*prompt)[0].is_string()) {
    request.prompt = (*prompt)[0].get<std::string>();
  } else if (prompt->is_array() && !prompt->empty() && (*prompt)[0].is_number_integer()) {
    std::vector<engine::Token> tokens;
    for (const Json& token : *prompt) {
      if (!token.is_number_integer() || token.get<double>() < 0 || token.get<double>() > std::numeric_limits<engine::Token>::max()) {
        body.refuse("prompt", "must hold token ids, not " + shown(token));
        break;
      }
      tokens.push_back(token.get<engine::Token>());
    }
    request.prompt = std::move(tokens);
  } else {
    body.refuse("prompt", "must be one string or one array of token ids");
  }
  if (body.fault()) return common::fail(*body.fault());
  return request;
}

Result<InfillRequest> parse_infill_request(const Json& json, const engine::SamplingParams& defaults) {
  if (!json.is_object()) return common::fail(ErrorKind::bad_request, "the body must be a JSON object, not " + shown(json));
  Fields body(json);
  InfillRequest request{.generation = read_generation(body, defaults)};
  if (request.generation.choices != 1) body.refuse("n", "may only be 1 here");
  auto prefix = body.string("input_prefix");
  auto suffix = body.string("input_suffix");
  if (!prefix) body.refuse("input_prefix", "is required");
  if (!suffix) body.refuse("input_suffix", "is required");
  request.prefix = prefix.value_or("");
  request.typed = body.string("prompt").value_or("");
  request.suffix = suffix.value_or("");
  const Json* extra = body.array("input_extra");
  for (std::size_t i = 0; extra && i < extra->size(); ++i) {
    std::string path = std::format("input_extra[{}]", i);
    if (!(*extra)[i].is_object()) {
      body.refuse(path, "must be an object, not " + shown((*extra)[i]));
      break;
    }
    Fields file((*extra)[i], path);
    request.extra.push_back({.filename = file.string("filename").value_or("tmp"), .text = file.string("text").value_or("")});
    if (file.fault()) body.refuse(*file.fault());
  }
  if (body.fault()) return common::fail(*body.fault());
  return request;
}

}  // namespace worker::serve
