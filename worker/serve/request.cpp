#include "worker/serve/request.hpp"

#include <format>
#include <limits>

#include "worker/serve/fields.hpp"

namespace worker::serve {

using common::Error;
using common::ErrorKind;
using common::Json;
using common::Result;

namespace {

constexpr std::size_t kMaxStops = 16;
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

GenerationRequest read_generation(Fields& body, const engine::SamplingParams& defaults) {
  GenerationRequest request{.model = body.string("model"), .sampling = defaults};
  engine::SamplingParams& sampling = request.sampling;
  constexpr std::int64_t kMaxInt = std::numeric_limits<std::int32_t>::max();
  if (auto v = body.number("temperature", 0, 2)) sampling.temperature = static_cast<float>(*v);
  if (auto v = body.number("top_p", 0, 1)) sampling.top_p = static_cast<float>(*v);
  if (auto v = body.number("min_p", 0, 1)) sampling.min_p = static_cast<float>(*v);
  if (auto v = body.integer("top_k", 0, kMaxInt)) sampling.top_k = static_cast<int>(*v);
  if (auto v = body.integer("seed", std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()))
    sampling.seed = seed_of(*v);
  for (const char* name : {"max_tokens", "max_completion_tokens"}) {  // the newer name wins
    if (auto v = body.integer(name, 1, kMaxInt)) request.max_tokens = static_cast<std::uint64_t>(*v);
  }
  request.stop = read_stop(body);
  request.stream = body.boolean("stream").value_or(false);
  if (const Json* options = body.object("stream_options")) {
    Fields fields(*options, "stream_options");
    request.include_usage = fields.boolean("include_usage").value_or(false);
    if (fields.fault()) body.refuse(*fields.fault());
  }
  if (auto n = body.integer("n", 1, 128); n && *n != 1) body.refuse("n", std::format("may only be 1, not {}: one answer per request", *n));
  return request;
}

void refuse_unsupported(Fields& body) {
  if (const Json* format = body.object("response_format")) {
    Fields fields(*format, "response_format");
    std::string type = fields.string("type").value_or("text");
    if (fields.fault()) body.refuse(*fields.fault());
    if (type != "text") body.refuse("response_format.type", "\"" + type + "\" is not supported yet; only \"text\" is");
  }
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

bool offers(const Json& tools, const std::string& name) {
  for (const Json& tool : tools) {
    if (tool["function"]["name"] == name) return true;
  }
  return false;
}

// The tools that may be called, or null.
Json read_tools(Fields& body) {
  const Json* tools = body.array("tools");
  for (std::size_t i = 0; tools && i < tools->size(); ++i) check_tool(body, (*tools)[i], i);
  if (body.fault()) return nullptr;
  bool any = tools && !tools->empty();
  const Json* choice = body.find("tool_choice");
  if (!choice) return any ? *tools : Json(nullptr);
  if (choice->is_string()) {
    auto word = choice->get<std::string>();
    if (word == "none") return nullptr;
    if (word == "auto") return any ? *tools : Json(nullptr);
    if (word != "required") {
      body.refuse("tool_choice", "must be \"auto\", \"none\", \"required\" or a function, not " + shown(*choice));
    } else if (!any) {
      body.refuse("tool_choice", "is \"required\" but the request offers no tools");
    }
  } else if (choice->is_object()) {
    Fields fields(*choice, "tool_choice");
    const Json* function = fields.object("function");
    if (fields.string("type") != "function" || !function) fields.refuse("function", "is required, with \"type\": \"function\"");
    if (fields.fault()) return body.refuse(*fields.fault()), nullptr;
    Fields inner(*function, "tool_choice.function");
    auto name = inner.string("name");
    if (!name) inner.refuse("name", "is required");
    if (inner.fault()) return body.refuse(*inner.fault()), nullptr;
    if (!any || !offers(*tools, *name)) body.refuse("tool_choice.function.name", "\"" + *name + "\" is not among the tools of the request");
  } else {
    body.refuse("tool_choice", "must be a string or an object, not " + shown(*choice));
  }
  body.refuse("tool_choice", "cannot force a call yet: only \"auto\" and \"none\" are supported");
  return nullptr;
}

}  // namespace

Result<ChatRequest> parse_chat_request(const Json& json, const engine::SamplingParams& defaults) {
  if (!json.is_object()) return common::fail(ErrorKind::bad_request, "the body must be a JSON object, not " + shown(json));
  Fields body(json);
  ChatRequest request{.generation = read_generation(body, defaults)};
  refuse_unsupported(body);
  if (body.boolean("logprobs").value_or(false)) body.refuse("logprobs", "are not supported");
  request.conversation.tools = read_tools(body);
  if (const Json* variables = body.object("chat_template_kwargs")) request.conversation.variables = *variables;
  const Json* messages = body.array("messages");
  if (!messages) body.refuse("messages", "is required");
  if (body.fault()) return common::fail(*body.fault());
  auto parsed = parse_messages(*messages);
  if (!parsed) return common::fail(parsed.error());
  request.conversation.messages = std::move(*parsed);
  return request;
}

Result<CompletionRequest> parse_completion_request(const Json& json, const engine::SamplingParams& defaults) {
  if (!json.is_object()) return common::fail(ErrorKind::bad_request, "the body must be a JSON object, not " + shown(json));
  Fields body(json);
  CompletionRequest request{.generation = read_generation(body, defaults)};
  refuse_unsupported(body);
  if (const Json* logprobs = body.find("logprobs"); logprobs && *logprobs != false) body.refuse("logprobs", "are not supported");
  if (body.boolean("echo").value_or(false)) body.refuse("echo", "is not supported");
  if (auto suffix = body.string("suffix"); suffix && !suffix->empty()) body.refuse("suffix", "is not supported yet");
  if (auto best = body.integer("best_of", 1, 128); best && *best != 1) body.refuse("best_of", "may only be 1");
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

}  // namespace worker::serve
