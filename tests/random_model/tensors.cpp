#include "tests/random_model/tensors.hpp"

#include <llama.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace random_model {
namespace {

struct FreeModel {
  void operator()(llama_model* model) const { llama_model_free(model); }
};

// Vectors, what is too narrow for a block, and what libllama wants to be exact.
bool stays_exact(const Tensor& tensor) {
  if (tensor.values() == tensor.size[0] || tensor.size[0] < 32) return true;
  const bool part_of_state = tensor.ends(".ssm_a") || tensor.ends(".ssm_d") || tensor.name.contains("ssm_conv1d");
  return part_of_state || tensor.ends(".bias") || tensor.name.contains("norm") || tensor.name.contains("ffn_gate_inp");
}

// As llama-quantize does it: what hurts most gets more bits in every third layer and at both ends.
bool gets_more_bits(const Tensor& tensor, int layers) {
  const int i = tensor.layer();
  if (i < 0 || !(tensor.name.contains("attn_v.") || tensor.name.contains("ffn_down"))) return false;
  return i < layers / 8 || i >= 7 * layers / 8 || (i - layers / 8) % 3 == 2;
}

ggml_type type_of(const Tensor& tensor, Quantization quantization, int layers, bool is_output) {
  if (stays_exact(tensor) || quantization == Quantization::f32) return GGML_TYPE_F32;
  if (quantization == Quantization::f16 || tensor.size[0] % 32 != 0) return GGML_TYPE_F16;
  if (quantization == Quantization::q8_0 || tensor.size[0] % 256 != 0) return GGML_TYPE_Q8_0;
  return is_output || gets_more_bits(tensor, layers) ? GGML_TYPE_Q6_K : GGML_TYPE_Q4_K;
}

// Room for them is reserved but never touched.
void note(ggml_tensor* tensor, void* data) {
  auto& tensors = *static_cast<std::vector<Tensor>*>(data);
  // One that serves twice (a tied output) is reported twice.
  if (std::ranges::contains(tensors, std::string_view(tensor->name), &Tensor::name)) return;
  Tensor& noted = tensors.emplace_back(Tensor{.name = tensor->name});
  std::ranges::copy(tensor->ne, noted.size.begin());
}

// Scales of special quantizations and a table of frequencies are optional: without them a model is the plain one.
bool plain(const Tensor& tensor) { return !tensor.name.contains("rope_") && !tensor.ends(".scale") && !tensor.ends(".input_scale"); }

bool is_part_bias(const Tensor& tensor) {
  return tensor.ends(".bias") && (tensor.name.contains(".attn_") || tensor.name.contains(".ffn_"));
}

}  // namespace

int Tensor::layer() const { return name.starts_with("blk.") ? std::atoi(name.c_str() + 4) : -1; }

std::vector<Tensor> tensors_of(gguf_context* metadata, Quantization quantization, int layers, bool biases) {
  std::vector<Tensor> tensors;
  llama_model_params params = llama_model_default_params();
  params.use_extra_bufts = false;
  std::unique_ptr<llama_model, FreeModel> model(llama_model_init_from_user(metadata, note, &tensors, params));
  if (!model) throw std::runtime_error("libllama cannot make a model of this architecture from this metadata");
  std::erase_if(tensors, [biases](const Tensor& tensor) { return !plain(tensor) || (!biases && is_part_bias(tensor)); });
  const bool tied = !std::ranges::contains(tensors, "output.weight", &Tensor::name);
  for (Tensor& tensor : tensors) {
    const bool is_output = tensor.name == (tied ? "token_embd.weight" : "output.weight");
    tensor.type = type_of(tensor, quantization, layers, is_output);
  }
  return tensors;
}

int file_type(Quantization quantization) {
  switch (quantization) {
    case Quantization::f32: return LLAMA_FTYPE_ALL_F32;
    case Quantization::f16: return LLAMA_FTYPE_MOSTLY_F16;
    case Quantization::q8_0: return LLAMA_FTYPE_MOSTLY_Q8_0;
    case Quantization::q4_k_m: return LLAMA_FTYPE_MOSTLY_Q4_K_M;
  }
  return LLAMA_FTYPE_ALL_F32;
}

}  // namespace random_model
