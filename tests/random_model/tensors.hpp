// The tensors of a model, as libllama itself would make them from the metadata: no architecture's names or shapes are known here.
#pragma once

#include <ggml.h>
#include <gguf.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace random_model {

enum class Quantization { f32, f16, q8_0, q4_k_m };

struct Tensor {
  std::string name;
  std::array<std::int64_t, GGML_MAX_DIMS> size;
  ggml_type type = GGML_TYPE_F32;

  std::int64_t values() const { return size[0] * size[1] * size[2] * size[3]; }
  std::size_t bytes() const { return ggml_row_size(type, size[0]) * static_cast<std::size_t>(values() / size[0]); }
  std::size_t row_bytes() const { return ggml_row_size(type, size[0]); }
  bool ends(std::string_view suffix) const { return name.ends_with(suffix); }
  int layer() const;  // negative: belongs to none
};

// Throws std::runtime_error when libllama cannot build the architecture.
// `biases`: those of attention and feed-forward parts, which most architectures can have and few need.
std::vector<Tensor> tensors_of(gguf_context* metadata, Quantization quantization, int layers, bool biases);

int file_type(Quantization quantization);

}  // namespace random_model
