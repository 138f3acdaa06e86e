#include "tests/random_model/weights.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <numeric>
#include <span>

namespace random_model {
namespace {

constexpr std::size_t kGroup = 256;  // a whole number of blocks of every type
constexpr std::size_t kGroups = 8192;

// Logits of this deviation have a clear winner among thousands, so the words do not hang on the last bit of a sum.
constexpr float kLogitDeviation = 4;
// Where every part's output is normalized before it is added, the parts must outweigh the embedding, or the model repeats its last word.
constexpr float kPartWeight = 24;

float deviation_of(const Tensor& tensor, int width, bool says_words) {
  if (says_words) return kLogitDeviation / std::sqrt(static_cast<float>(width));
  // As large as what the parts add to it: otherwise they amplify each other's rounding, and no two ways of computing agree.
  if (tensor.name == "token_embd.weight") return 1;
  return 1 / std::sqrt(static_cast<float>(tensor.size[0]));
}

}  // namespace

Weights::Weights(std::uint32_t seed, int width, std::vector<bool> silent, bool tied)
    : random_(seed), width_(width), silent_(std::move(silent)), tied_(tied), normal_(kGroup * kGroups) {
  // Box and Muller by hand: the standard distributions differ between libraries.
  for (std::size_t i = 0; i < normal_.size(); i += 2) {
    const float radius = std::sqrt(-2 * std::log(uniform(1e-7f, 1))), angle = uniform(0, 2 * std::numbers::pi_v<float>);
    normal_[i] = radius * std::cos(angle);
    normal_[i + 1] = radius * std::sin(angle);
  }
}

std::vector<std::byte> Weights::fill(const Tensor& tensor) {
  const bool vector = tensor.values() == tensor.size[0];
  if (vector || tensor.ends(".bias") || tensor.ends("ssm_a") || tensor.ends("ssm_d")) return exact(tensor);
  const bool says_words = tensor.name == (tied_ ? "token_embd.weight" : "output.weight");
  std::vector<std::byte> bytes = deal(tensor, deviation_of(tensor, width_, says_words));
  if (says_words) {
    for (std::size_t token = 0; token < silent_.size(); ++token) {
      if (silent_[token]) std::memset(bytes.data() + token * tensor.row_bytes(), 0, tensor.row_bytes());
    }
  }
  return bytes;
}

std::vector<std::byte> Weights::exact(const Tensor& tensor) {
  std::vector<float> values(static_cast<std::size_t>(tensor.values()));
  const bool part = tensor.name.contains("post_attention_norm") || tensor.name.contains("post_ffw_norm");
  for (float& value : values) {
    if (tensor.ends("ssm_a")) {
      value = -uniform(0.5f, 4);
    } else if (tensor.ends("ssm_d")) {
      value = 1;
    } else if (tensor.ends("ssm_dt.bias")) {
      value = uniform(-4, -1);
    } else if (tensor.ends(".bias")) {
      value = uniform(-0.1f, 0.1f);
    } else {
      value = (part ? kPartWeight : 1) * uniform(0.9f, 1.1f);
    }
  }
  auto bytes = std::as_bytes(std::span(values));
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

std::vector<std::byte> Weights::deal(const Tensor& tensor, float deviation) {
  Pool& from = pool(tensor.type, deviation);
  const std::size_t group = ggml_row_size(tensor.type, kGroup);
  std::vector<std::byte> bytes(tensor.bytes());
  for (std::size_t at = 0; at < bytes.size(); at += group) {
    if (from.dealt == kGroups) shuffle(from);
    std::memcpy(bytes.data() + at, from.bytes.data() + from.order[from.dealt++] * group, std::min(group, bytes.size() - at));
  }
  return bytes;
}

Weights::Pool& Weights::pool(ggml_type type, float deviation) {
  auto [at, added] = pools_.try_emplace({type, deviation});
  Pool& pool = at->second;
  if (!added) return pool;
  std::vector<float> scaled(normal_);
  for (float& value : scaled) value *= deviation;
  pool.bytes.resize(ggml_row_size(type, kGroup) * kGroups);
  if (type == GGML_TYPE_F32) {
    std::memcpy(pool.bytes.data(), scaled.data(), pool.bytes.size());
  } else {
    ggml_quantize_chunk(type, scaled.data(), pool.bytes.data(), 0, kGroups, kGroup, nullptr);
  }
  pool.order.resize(kGroups);
  std::iota(pool.order.begin(), pool.order.end(), 0u);
  shuffle(pool);
  return pool;
}

void Weights::shuffle(Pool& pool) {
  for (std::size_t i = pool.order.size(); i > 1; --i) std::swap(pool.order[i - 1], pool.order[random_() % i]);
  pool.dealt = 0;
}

float Weights::uniform(float least, float most) {
  return least + (most - least) * (static_cast<float>(random_() >> 8) / static_cast<float>(1 << 24));
}

}  // namespace random_model
