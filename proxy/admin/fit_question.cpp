#include "proxy/admin/fit_question.hpp"

#include <algorithm>
#include <format>

#include "common/worker_protocol.hpp"
#include "proxy/admin/query.hpp"
#include "proxy/admin/refusal.hpp"

namespace proxy::admin {

using common::fail;
using common::Result;

namespace {

Result<std::string> cache_type(const std::string& text, const std::string& name) {
  if (std::ranges::contains(common::kCacheTypes, text)) return text;
  std::string known;
  for (const char* each : common::kCacheTypes) known += std::format("{}{}", known.empty() ? "" : ", ", each);
  return refuse(name, std::format("\"{}\" is no type of a KV cache; there are {}", text.substr(0, 100), known));
}

Result<bool> truth(const std::string& text, const std::string& name) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return refuse(name, "true or false", text);
}

template <class T>
Result<void> into(T& place, Result<T> value) {
  if (!value) return fail(value.error());
  place = std::move(*value);
  return {};
}

Result<void> read_parameter(const std::string& name, const std::string& value, FitQuestion& question) {
  registry::RunShape& shape = question.shape;
  if (name == "model") return into(question.model, Result<std::string>(value));
  if (name == "context_tokens")
    return into(shape.context_tokens, read_number(value, name, registry::kLeastContextTokens, registry::kMostContextTokens));
  if (name == "parallel") return into(shape.parallel, read_number(value, name, registry::kLeastParallel, registry::kMostParallel));
  if (name == "cache_type_k") return into(shape.cache_type_k, cache_type(value, name));
  if (name == "cache_type_v") return into(shape.cache_type_v, cache_type(value, name));
  if (name == "kv_unified") {
    question.says_unified = true;
    return into(shape.kv_unified, truth(value, name));
  }
  return fail(unknown_parameter(name, {"model", "context_tokens", "parallel", "kv_unified", "cache_type_k", "cache_type_v"}));
}

}  // namespace

Result<FitQuestion> read_fit_question(std::string_view query) {
  FitQuestion question;
  auto parameters = read_query(query);
  if (!parameters) return fail(parameters.error());
  for (const auto& [name, value] : *parameters) {
    if (auto read = read_parameter(name, value, question); !read) return fail(read.error());
  }
  if (question.model.empty()) return refuse("model", "the role or model id that is asked about is missing (?model=NAME)");
  return question;
}

registry::RunShape shape_for(const FitQuestion& question, const registry::Model& model) {
  registry::RunShape shape = registry::shape_of(model);
  if (question.shape.context_tokens > 0) shape.context_tokens = question.shape.context_tokens;
  if (question.shape.parallel > 0) shape.parallel = question.shape.parallel;
  if (question.says_unified) shape.kv_unified = question.shape.kv_unified;
  if (!question.shape.cache_type_k.empty()) shape.cache_type_k = question.shape.cache_type_k;
  if (!question.shape.cache_type_v.empty()) shape.cache_type_v = question.shape.cache_type_v;
  return shape;
}

}  // namespace proxy::admin
