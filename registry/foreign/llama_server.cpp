#include "registry/foreign/llama_server.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <format>
#include <iterator>

#include "common/worker_protocol.hpp"

namespace registry::foreign {

using common::ErrorKind;
using common::fail;
using common::Json;

namespace {

using Names = std::vector<std::string_view>;

struct SamplingOption {
  const char* field;
  Names names;
};
const SamplingOption kSamplingOptions[] = {
    {"temperature", {"--temp", "--temperature"}},
    {"dynatemp_range", {"--dynatemp-range"}},
    {"dynatemp_exponent", {"--dynatemp-exp"}},
    {"top_k", {"--top-k"}},
    {"top_p", {"--top-p"}},
    {"min_p", {"--min-p"}},
    {"typical_p", {"--typical", "--typical-p"}},
    {"top_n_sigma", {"--top-nsigma", "--top-n-sigma"}},
    {"xtc_probability", {"--xtc-probability"}},
    {"xtc_threshold", {"--xtc-threshold"}},
    {"repeat_last_n", {"--repeat-last-n"}},
    {"repeat_penalty", {"--repeat-penalty"}},
    {"frequency_penalty", {"--frequency-penalty"}},
    {"presence_penalty", {"--presence-penalty"}},
    {"dry_multiplier", {"--dry-multiplier"}},
    {"dry_base", {"--dry-base"}},
    {"dry_allowed_length", {"--dry-allowed-length"}},
    {"dry_penalty_last_n", {"--dry-penalty-last-n"}},
    {"mirostat", {"--mirostat"}},
    {"mirostat_tau", {"--mirostat-ent"}},
    {"mirostat_eta", {"--mirostat-lr"}},
    {"max_tokens", {"-n", "--predict", "--n-predict"}},
    {"reasoning_budget", {"--reasoning-budget"}},
};

const Names kModel{"-m", "--model"}, kContext{"-c", "--ctx-size"}, kParallel{"-np", "--parallel"}, kUnified{"-kvu", "--kv-unified"},
    kNotUnified{"-no-kvu", "--no-kv-unified"}, kTypeK{"-ctk", "--cache-type-k"}, kTypeV{"-ctv", "--cache-type-v"},
    kProjector{"-mm", "--mmproj"}, kAdapter{"--lora"}, kPooling{"--pooling"}, kFlashAttention{"-fa", "--flash-attn"};
// Perch's worker has its own way with these, and the answers do not depend on them.
const Names kIgnoredWithValue{"--host", "--port", "-a", "--alias", "-ngl", "--gpu-layers", "--n-gpu-layers", "-to", "--timeout"};
const Names kIgnored{"--jinja", "--no-webui", "--metrics",       "--slots",  "--no-slots",
                     "--props", "-cb",        "--cont-batching", "--warmup", "--no-warmup"};
const Names kOnOffAuto{"on", "off", "auto", "1", "0"};

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::uint64_t count_in(const Words& command, const Names& names) {
  const auto text = option_value(command, names);
  const auto number = text ? number_in(*text) : std::nullopt;
  return number && *number > 0 && *number < 1e9 ? static_cast<std::uint64_t>(*number) : 0;
}

std::optional<Json> sampling_option(const Words& command, const SamplingOption& option) {
  const auto text = option_value(command, option.names);
  const auto number = text ? number_in(*text) : std::nullopt;
  return number ? sampling_value(*find_sampling_field(option.field), *number) : std::nullopt;
}

bool is_known_with_value(std::string_view word) {
  for (const SamplingOption& option : kSamplingOptions) {
    if (std::ranges::contains(option.names, word)) return true;
  }
  for (const Names* names : {&kModel, &kContext, &kParallel, &kTypeK, &kTypeV, &kProjector, &kAdapter, &kIgnoredWithValue}) {
    if (std::ranges::contains(*names, word)) return true;
  }
  return false;
}

bool is_known_flag(std::string_view word) {
  return std::ranges::contains(kIgnored, word) || std::ranges::contains(kUnified, word) || std::ranges::contains(kNotUnified, word);
}

// The first option that a worker of Perch's own has no counterpart for; empty: there is none.
std::string strange_option(const Words& command) {
  for (std::size_t i = 1; i < command.size(); ++i) {
    const std::string_view word = command[i];
    const std::string_view name = word.substr(0, word.starts_with("--") ? word.find('=') : word.npos);
    if (std::ranges::contains(kFlashAttention, name)) {
      if (i + 1 < command.size() && std::ranges::contains(kOnOffAuto, command[i + 1])) ++i;
    } else if (is_known_with_value(name)) {
      if (name.size() == word.size()) ++i;
    } else if (!is_known_flag(name)) {
      return std::string(name);
    }
  }
  return {};
}

// A sampling option whose number the registry would refuse.
std::string refused_number(const Words& command) {
  for (const SamplingOption& option : kSamplingOptions) {
    const auto text = option_value(command, option.names);
    const bool unlimited = std::string_view(option.field) == "max_tokens" && text && text->starts_with('-');
    if (text && !unlimited && !sampling_option(command, option)) return std::string(option.names.front());
  }
  return {};
}

std::string refused_shape(const RunShape& shape, const Words& command) {
  const bool has_context =
      shape.context_tokens == 0 || (shape.context_tokens >= kLeastContextTokens && shape.context_tokens <= kMostContextTokens);
  if (!has_context) return "--ctx-size";
  if (shape.parallel > kMostParallel) return "--parallel";
  if (!shape.cache_type_k.empty() && !std::ranges::contains(common::kCacheTypes, shape.cache_type_k)) return "--cache-type-k";
  if (!shape.cache_type_v.empty() && !std::ranges::contains(common::kCacheTypes, shape.cache_type_v)) return "--cache-type-v";
  const auto context = option_value(command, kContext);
  return context && !number_in(*context) ? "--ctx-size" : "";
}

}  // namespace

std::optional<Json> sampling_value(const common::NumberField& field, const Json& value) {
  if (!value.is_number()) return std::nullopt;
  const auto number = value.get<double>();
  if (number < field.low || number > field.high) return std::nullopt;
  if (!field.whole) return std::optional<Json>(std::in_place, value);
  if (number != std::trunc(number)) return std::nullopt;
  return std::optional<Json>(std::in_place, static_cast<std::int64_t>(number));
}

const common::NumberField* find_sampling_field(std::string_view name) {
  auto at = std::ranges::find(common::kSamplingFields, name, [](const common::NumberField& field) { return std::string_view(field.name); });
  return at == std::end(common::kSamplingFields) ? nullptr : at;
}

bool is_llama_server(const Words& command) {
  return !command.empty() && std::filesystem::path(command.front()).filename().string().starts_with("llama-server");
}

Json sampling_of(const Words& command) {
  Json sampling = Json::object();
  for (const SamplingOption& option : kSamplingOptions) {
    if (auto value = sampling_option(command, option)) sampling[option.field] = std::move(*value);
  }
  return sampling;
}

// Without --parallel it has four slots that share one cache; with it, each has its part of the context unless it is told otherwise.
RunShape served_shape(const Words& command) {
  RunShape shape{.context_tokens = count_in(command, kContext), .parallel = count_in(command, kParallel)};
  shape.kv_unified = has_option(command, kUnified) || (shape.parallel == 0 && !has_option(command, kNotUnified));
  if (shape.parallel == 0) shape.parallel = 4;
  if (!shape.kv_unified) shape.context_tokens /= shape.parallel;
  shape.cache_type_k = option_value(command, kTypeK).value_or("");
  shape.cache_type_v = option_value(command, kTypeV).value_or("");
  return shape;
}

std::string model_file_of(const Words& command) {
  const auto file = option_value(command, kModel);
  return file && file->ends_with(".gguf") ? *file : "";
}

common::Purpose purpose_of(const Words& command) {
  const auto pooling = option_value(command, kPooling);
  if (has_option(command, {"--rerank", "--reranking"}) || pooling == "rank") return common::Purpose::reranking;
  if (has_option(command, {"--embedding", "--embeddings"}) || (pooling && *pooling != "none")) return common::Purpose::embedding;
  const auto task = option_value(command, {"--task", "--runner", "--convert"});  // vllm's
  if (task && std::ranges::contains(Names{"score", "classify", "rerank"}, *task)) return common::Purpose::reranking;
  if (task && std::ranges::contains(Names{"embed", "embedding", "pooling"}, *task)) return common::Purpose::embedding;
  return common::Purpose::generation;
}

bool embeds(const Words& command) { return purpose_of(command) != common::Purpose::generation; }

common::Result<Json> embedded_entry(const Words& command) {
  if (!is_llama_server(command)) return fail(ErrorKind::bad_request, "it is not llama-server that is started");
  if (embeds(command)) return fail(ErrorKind::bad_request, "it makes embeddings or scores, which only the model's file can say of itself");
  const std::string file = model_file_of(command);
  if (file.empty()) return fail(ErrorKind::bad_request, "no GGUF file is named with --model");
  const RunShape shape = served_shape(command);
  for (const std::string& strange : {strange_option(command), refused_number(command), refused_shape(shape, command)}) {
    if (!strange.empty()) return fail(ErrorKind::bad_request, std::format("{} has no counterpart there", strange));
  }
  Json entry{{"artifact", file}};
  if (shape.context_tokens > 0) entry["context_tokens"] = shape.context_tokens;
  entry["parallel"] = shape.parallel;
  if (shape.kv_unified) entry["kv_unified"] = true;
  if (!shape.cache_type_k.empty()) entry["cache_type_k"] = shape.cache_type_k;
  if (!shape.cache_type_v.empty()) entry["cache_type_v"] = shape.cache_type_v;
  if (auto projector = option_value(command, kProjector)) entry["projector"] = *projector;
  if (auto adapter = option_value(command, kAdapter)) {
    if (adapter->contains(',')) return fail(ErrorKind::bad_request, "--lora with several files has no counterpart there");
    entry["lora"] = Json::array({{{"path", *adapter}}});
  }
  if (Json sampling = sampling_of(command); !sampling.empty()) entry["sampling"] = std::move(sampling);
  return entry;
}

}  // namespace registry::foreign
