#include "tests/support/tiny_model.hpp"

#include <ggml.h>
#include <gguf.h>
#include <llama.h>

#include <algorithm>
#include <format>
#include <iterator>
#include <random>
#include <stdexcept>
#include <vector>

namespace support {
namespace {

constexpr int kHeadSize = 32;

struct Vocabulary {
  std::vector<std::string> tokens;
  std::vector<float> scores;
  std::vector<std::int32_t> types;

  void add(std::string token, std::int32_t type) {
    tokens.push_back(std::move(token));
    scores.push_back(0);
    types.push_back(type);
  }
};

// Ordinary tokens are what the model can say; the others get the logit 0, which is never among the likely ones.
Vocabulary make_vocabulary(bool control_markers) {
  Vocabulary words;
  words.add("<unk>", LLAMA_TOKEN_TYPE_UNKNOWN);
  words.add("<s>", LLAMA_TOKEN_TYPE_CONTROL);
  words.add("<|im_start|>", LLAMA_TOKEN_TYPE_CONTROL);
  words.add("<|im_end|>", LLAMA_TOKEN_TYPE_CONTROL);
  for (const char* marker : {"<think>", "</think>", "<tool_call>", "</tool_call>"})
    words.add(marker, control_markers ? LLAMA_TOKEN_TYPE_CONTROL : LLAMA_TOKEN_TYPE_USER_DEFINED);
  for (int byte = 0; byte < 256; ++byte) words.add(std::format("<0x{:02X}>", byte), LLAMA_TOKEN_TYPE_BYTE);
  words.add("\u2581", LLAMA_TOKEN_TYPE_NORMAL);  // how this tokenizer writes a space
  for (char c = '!'; c <= '~'; ++c) words.add(std::string(1, c), LLAMA_TOKEN_TYPE_NORMAL);
  return words;
}

class Writer {
 public:
  Writer(const TinyModel& shape, std::size_t bytes) : random_(shape.seed) {
    context_ = ggml_init({.mem_size = bytes, .mem_buffer = nullptr, .no_alloc = false});
    gguf_ = gguf_init_empty();
    if (!context_ || !gguf_) throw std::bad_alloc();
  }
  ~Writer() {
    gguf_free(gguf_);
    ggml_free(context_);
  }

  gguf_context* metadata() { return gguf_; }

  void ones(const std::string& name, int size) {
    ggml_tensor* tensor = make(name, size, 1);
    float* values = ggml_get_data_f32(tensor);
    std::fill(values, values + ggml_nelements(tensor), 1.0f);
  }
  void values(const std::string& name, int width, int rows, const std::vector<float>& all) {
    std::ranges::copy(all, ggml_get_data_f32(make(name, width, rows)));
  }
  // `rows` random rows after `zero_rows` of zeros.
  float* random(const std::string& name, int width, int rows, float scale, int zero_rows = 0) {
    ggml_tensor* tensor = make(name, width, rows + zero_rows);
    float* values = ggml_get_data_f32(tensor);
    std::int64_t zeros = std::int64_t(width) * zero_rows;
    std::fill(values, values + zeros, 0.0f);
    // A uniform distribution by hand: the standard ones differ between libraries.
    for (std::int64_t i = zeros; i < ggml_nelements(tensor); ++i) {
      values[i] = scale * (static_cast<float>(random_() >> 8) / static_cast<float>(1 << 23) - 1.0f);
    }
    return values;
  }
  void save(const std::string& path) {
    if (!gguf_write_to_file(gguf_, path.c_str(), false)) throw std::runtime_error("cannot write " + path);
  }

 private:
  ggml_tensor* make(const std::string& name, int width, int rows) {
    ggml_tensor* tensor =
        rows == 1 ? ggml_new_tensor_1d(context_, GGML_TYPE_F32, width) : ggml_new_tensor_2d(context_, GGML_TYPE_F32, width, rows);
    ggml_set_name(tensor, name.c_str());
    tensors_.push_back(tensor);
    gguf_add_tensor(gguf_, tensor);
    return tensor;
  }

  std::mt19937 random_;
  ggml_context* context_ = nullptr;
  gguf_context* gguf_ = nullptr;
  std::vector<ggml_tensor*> tensors_;
};

// What the adapter adds to a layer's ffn_down: up x down, of rank kRank.
struct LowRank {
  static constexpr int kRank = 4;
  std::vector<float> down, up;  // [rank][hidden], [width][rank]

  LowRank(const TinyModel& shape, int layer) {
    std::mt19937 random(static_cast<std::uint32_t>(77 + layer));
    auto fill = [&random](std::vector<float>& values, int count) {
      for (int i = 0; i < count; ++i) values.push_back(static_cast<float>(random() >> 8) / static_cast<float>(1 << 25) - 0.25f);
    };
    fill(down, kRank * shape.hidden);
    fill(up, shape.width * kRank);
  }
  void add_to(float* matrix, const TinyModel& shape) const {
    for (int row = 0; row < shape.width; ++row)
      for (int column = 0; column < shape.hidden; ++column)
        for (int k = 0; k < kRank; ++k)
          matrix[row * shape.hidden + column] +=
              up[static_cast<std::size_t>(row * kRank + k)] * down[static_cast<std::size_t>(k * shape.hidden + column)];
  }
};

void describe(gguf_context* gguf, const TinyModel& shape, const Vocabulary& words) {
  auto number = [gguf](const char* key, int value) { gguf_set_val_u32(gguf, key, static_cast<std::uint32_t>(value)); };
  gguf_set_val_str(gguf, "general.architecture", "llama");
  gguf_set_val_str(gguf, "general.name", "tiny");
  number("general.file_type", LLAMA_FTYPE_ALL_F32);
  number("llama.context_length", shape.context);
  number("llama.embedding_length", shape.width);
  number("llama.block_count", shape.layers);
  number("llama.feed_forward_length", shape.hidden);
  number("llama.attention.head_count", shape.width / kHeadSize);
  number("llama.attention.head_count_kv", shape.width / kHeadSize);
  number("llama.rope.dimension_count", kHeadSize);
  gguf_set_val_f32(gguf, "llama.attention.layer_norm_rms_epsilon", 1e-5f);
  gguf_set_val_f32(gguf, "llama.rope.freq_base", 10000.0f);
  if (shape.pooling != 0) number("llama.pooling_type", shape.pooling);
  number("llama.vocab_size", static_cast<int>(words.tokens.size()));

  std::vector<const char*> texts;
  for (const std::string& token : words.tokens) texts.push_back(token.c_str());
  gguf_set_val_str(gguf, "tokenizer.ggml.model", shape.pre ? "gpt2" : "llama");
  if (shape.pre) {
    const char* merges[] = {"<0x00> <0x00>"};  // one is expected, and no text has it
    gguf_set_val_str(gguf, "tokenizer.ggml.pre", shape.pre);
    gguf_set_arr_str(gguf, "tokenizer.ggml.merges", merges, std::size(merges));
  }
  gguf_set_arr_str(gguf, "tokenizer.ggml.tokens", texts.data(), texts.size());
  gguf_set_arr_data(gguf, "tokenizer.ggml.scores", GGUF_TYPE_FLOAT32, words.scores.data(), words.scores.size());
  gguf_set_arr_data(gguf, "tokenizer.ggml.token_type", GGUF_TYPE_INT32, words.types.data(), words.types.size());
  number("tokenizer.ggml.unknown_token_id", 0);
  number("tokenizer.ggml.bos_token_id", 1);
  number("tokenizer.ggml.eos_token_id", 3);
  gguf_set_val_bool(gguf, "tokenizer.ggml.add_bos_token", false);
  gguf_set_val_bool(gguf, "tokenizer.ggml.add_space_prefix", false);
  gguf_set_val_str(gguf, "tokenizer.chat_template", tiny_chat_template());
}

}  // namespace

const char* tiny_chat_template() {
  return R"({%- if tools %}
    {{- '<|im_start|>system\n' }}
    {%- if messages[0].role == 'system' %}{{- messages[0].content + '\n\n' }}{%- endif %}
    {{- '# Tools\n\n<tools>' }}
    {%- for tool in tools %}{{- '\n' + (tool | tojson) }}{%- endfor %}
    {{- '\n</tools><|im_end|>\n' }}
{%- elif messages[0].role == 'system' %}
    {{- '<|im_start|>system\n' + messages[0].content + '<|im_end|>\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
    {%- elif message.role == 'assistant' %}
        {{- '<|im_start|>assistant\n' }}
        {%- if message.content %}{{- message.content }}{%- endif %}
        {%- for call in message.tool_calls or [] %}
            {{- '\n<tool_call>\n{"name": "' + call.function.name + '", "arguments": ' )"
         R"(+ (call.function.arguments | tojson) + '}\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\n' }}
    {%- elif message.role == 'tool' %}
        {{- '<|im_start|>user\n<tool_response>\n' + message.content + '\n</tool_response><|im_end|>\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- if enable_thinking %}{{- '<think>\n' }}{%- endif %}{%- endif %})";
}

void write_tiny_model(const std::string& path, const TinyModel& shape) {
  Vocabulary words = make_vocabulary(shape.control_markers);
  auto vocabulary = static_cast<int>(words.tokens.size());
  auto silent = static_cast<int>(std::ranges::count_if(words.types, [](auto type) { return type != LLAMA_TOKEN_TYPE_NORMAL; }));
  std::size_t layer = std::size_t(shape.width) * std::size_t(4 * shape.width + 3 * shape.hidden + 2);
  std::size_t values = layer * std::size_t(shape.layers) + std::size_t(shape.width) * std::size_t(2 * vocabulary + 1);
  Writer writer(shape, values * sizeof(float) + (std::size_t(shape.layers) * 9 + 16) * 1024);
  describe(writer.metadata(), shape, words);

  float scale = 1.0f / static_cast<float>(shape.width) * 8.0f;
  writer.random("token_embd.weight", shape.width, vocabulary, 1.0f);
  for (int i = 0; i < shape.layers; ++i) {
    auto name = [i](const char* part) { return std::format("blk.{}.{}.weight", i, part); };
    writer.ones(name("attn_norm"), shape.width);
    for (const char* part : {"attn_q", "attn_k", "attn_v", "attn_output"}) writer.random(name(part), shape.width, shape.width, scale);
    writer.ones(name("ffn_norm"), shape.width);
    writer.random(name("ffn_gate"), shape.width, shape.hidden, scale);
    writer.random(name("ffn_up"), shape.width, shape.hidden, scale);
    float* down = writer.random(name("ffn_down"), shape.hidden, shape.width, scale);
    if (shape.adapted) LowRank(shape, i).add_to(down, shape);
  }
  writer.ones("output_norm.weight", shape.width);
  writer.random("output.weight", shape.width, vocabulary - silent, 1.0f, silent);
  writer.save(path);
}

void write_tiny_adapter(const std::string& path, const TinyModel& shape) {
  std::size_t values = std::size_t(shape.layers) * std::size_t(LowRank::kRank) * std::size_t(shape.width + shape.hidden);
  Writer writer(shape, values * sizeof(float) + (std::size_t(shape.layers) * 2 + 4) * 1024);
  gguf_context* gguf = writer.metadata();
  gguf_set_val_str(gguf, "general.type", "adapter");
  gguf_set_val_str(gguf, "general.architecture", "llama");
  gguf_set_val_str(gguf, "adapter.type", "lora");
  gguf_set_val_f32(gguf, "adapter.lora.alpha", static_cast<float>(LowRank::kRank));  // which makes the factor 1
  for (int i = 0; i < shape.layers; ++i) {
    LowRank change(shape, i);
    writer.values(std::format("blk.{}.ffn_down.weight.lora_a", i), shape.hidden, LowRank::kRank, change.down);
    writer.values(std::format("blk.{}.ffn_down.weight.lora_b", i), LowRank::kRank, shape.width, change.up);
  }
  writer.save(path);
}

}  // namespace support
