#include "tests/random_model/shape.hpp"

#include <llama.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <format>
#include <stdexcept>
#include <vector>

namespace random_model {
namespace {

template <class T>
std::vector<T> array_of(const gguf_context* gguf, const char* key) {
  std::int64_t id = gguf_find_key(gguf, key);
  if (id < 0) return {};
  const T* first = static_cast<const T*>(gguf_get_arr_data(gguf, id));
  return std::vector<T>(first, first + gguf_get_arr_n(gguf, id));
}

// Words that no text is cut into, only there to be computed and said: a small tokenizer in a model with the vocabulary of a large one.
void add_words(gguf_context* gguf, int wanted) {
  std::int64_t id = gguf_find_key(gguf, "tokenizer.ggml.tokens");
  if (id < 0) throw std::runtime_error("the tokenizer has no tokens");
  std::vector<std::string> words;
  for (std::size_t i = 0; i < gguf_get_arr_n(gguf, id); ++i) words.emplace_back(gguf_get_arr_str(gguf, id, i));
  auto scores = array_of<float>(gguf, "tokenizer.ggml.scores");
  auto types = array_of<std::int32_t>(gguf, "tokenizer.ggml.token_type");
  while (words.size() < static_cast<std::size_t>(wanted)) words.push_back(std::format("\u2581w{}", words.size()));
  scores.resize(words.size(), -1e6f);
  types.resize(words.size(), LLAMA_TOKEN_TYPE_NORMAL);
  std::vector<const char*> texts;
  for (const std::string& word : words) texts.push_back(word.c_str());
  gguf_set_arr_str(gguf, "tokenizer.ggml.tokens", texts.data(), texts.size());
  gguf_set_arr_data(gguf, "tokenizer.ggml.scores", GGUF_TYPE_FLOAT32, scores.data(), scores.size());
  gguf_set_arr_data(gguf, "tokenizer.ggml.token_type", GGUF_TYPE_INT32, types.data(), types.size());
}

bool speaks_of_experts(const std::string& architecture) { return architecture.contains("moe"); }
bool reads_both_ways(const std::string& architecture) { return architecture.contains("bert"); }
// Others take the sections of such a model for a wish to be one.
bool speaks_of_images(const std::string& architecture) { return architecture.contains("vl"); }

// Bytes that no text of a test has are its tokens around a gap.
void add_fill_tokens(gguf_context* gguf) {
  const std::int64_t id = gguf_find_key(gguf, "tokenizer.ggml.token_type");
  const auto* types = static_cast<const std::int32_t*>(gguf_get_arr_data(gguf, id));
  std::uint32_t token = 0;
  for (const char* name : {"fim_pre", "fim_suf", "fim_mid", "fim_rep", "fim_sep"}) {
    while (types[token] != LLAMA_TOKEN_TYPE_BYTE) ++token;
    gguf_set_val_u32(gguf, std::format("tokenizer.ggml.{}_token_id", name).c_str(), token++);
  }
}

}  // namespace

Gguf tokenizer_of(const std::string& path, int words) {
  Gguf source(gguf_init_from_file(path.c_str(), {.no_alloc = true, .ctx = nullptr}));
  if (!source) throw std::runtime_error(path + ": not a GGUF file");
  Gguf tokenizer(gguf_init_empty());
  gguf_set_kv(tokenizer.get(), source.get());
  for (std::int64_t i = gguf_get_n_kv(source.get()); i-- > 0;) {
    std::string key = gguf_get_key(source.get(), i);
    if (!key.starts_with("tokenizer.")) gguf_remove_key(tokenizer.get(), key.c_str());
  }
  if (words > 0) add_words(tokenizer.get(), words);
  return tokenizer;
}

Gguf describe(const Shape& shape, const gguf_context* tokenizer) {
  Gguf gguf(gguf_init_empty());
  auto integer = [&](const std::string& key, int value) {
    gguf_set_val_u32(gguf.get(), (shape.architecture + "." + key).c_str(), static_cast<std::uint32_t>(value));
  };
  auto real = [&](const std::string& key, float value) { gguf_set_val_f32(gguf.get(), (shape.architecture + "." + key).c_str(), value); };
  const int head_size = shape.head_size > 0 ? shape.head_size : shape.width / shape.heads;
  const int hidden = shape.hidden > 0 ? shape.hidden : 2 * shape.width;
  const int experts = shape.experts > 0 ? shape.experts : speaks_of_experts(shape.architecture) ? 8 : 0;

  gguf_set_val_str(gguf.get(), "general.architecture", shape.architecture.c_str());
  gguf_set_val_str(gguf.get(), "general.name", ("random " + shape.architecture).c_str());
  gguf_set_val_u32(gguf.get(), "general.quantization_version", 2);
  integer("context_length", shape.context);
  integer("embedding_length", shape.width);
  integer("block_count", shape.layers);
  integer("feed_forward_length", hidden);
  integer("attention.head_count", shape.heads);
  integer("attention.head_count_kv", shape.kv_heads > 0 ? shape.kv_heads : std::max(1, shape.heads / 2));
  integer("attention.key_length", head_size);
  integer("attention.value_length", head_size);
  integer("rope.dimension_count", head_size);
  if (speaks_of_images(shape.architecture)) {
    // The pairs of a head's values that turn with time, height and width.
    const std::array<std::int32_t, 4> sections{head_size / 8, head_size * 3 / 16, head_size * 3 / 16, 0};
    const std::string key = shape.architecture + ".rope.dimension_sections";
    gguf_set_arr_data(gguf.get(), key.c_str(), GGUF_TYPE_INT32, sections.data(), sections.size());
  }
  real("rope.freq_base", 10000);
  real("attention.layer_norm_epsilon", 1e-5f);
  real("attention.layer_norm_rms_epsilon", 1e-5f);
  // Shorter than most prompts and answers of a test, so that what slides out of it is left out.
  integer("attention.sliding_window", 64);
  integer("ssm.conv_kernel", 4);
  integer("ssm.state_size", 16);
  integer("ssm.inner_size", 2 * shape.width);
  integer("ssm.time_step_rank", std::max(1, shape.width / 16));
  integer("ssm.group_count", 1);
  if (shape.pooling > 0) integer("pooling_type", shape.pooling);
  if (shape.pooling == LLAMA_POOLING_TYPE_RANK && !reads_both_ways(shape.architecture)) {
    // What a model that reads one way is asked about a document; its score is the share of the first.
    std::array<const char*, 2> labels{"yes", "no"};
    gguf_set_arr_str(gguf.get(), (shape.architecture + ".classifier.output_labels").c_str(), labels.data(), labels.size());
  }
  if (reads_both_ways(shape.architecture)) gguf_set_val_bool(gguf.get(), (shape.architecture + ".attention.causal").c_str(), false);
  if (experts > 0) {
    integer("expert_count", experts);
    integer("expert_used_count", std::max(1, experts / 4));
    integer("expert_feed_forward_length", std::max(32, hidden / experts));
  }
  gguf_set_kv(gguf.get(), tokenizer);
  if (reads_both_ways(shape.architecture)) gguf_set_val_u32(gguf.get(), "tokenizer.ggml.token_type_count", 2);
  if (shape.fills_gaps) add_fill_tokens(gguf.get());
  if (!shape.rerank_template.empty()) gguf_set_val_str(gguf.get(), "tokenizer.chat_template.rerank", shape.rerank_template.c_str());
  return gguf;
}

}  // namespace random_model
