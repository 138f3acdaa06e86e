// Random weights of any type, fast: a pool of values is drawn and quantized once for each type and deviation, and tensors are dealt its
// groups of 256 in ever new orders. Reproducible for a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "tests/random_model/tensors.hpp"

namespace random_model {

class Weights {
 public:
  // `silent`: the tokens that the model must never say, by id.
  Weights(std::uint32_t seed, int width, std::vector<bool> silent, bool tied);

  std::vector<std::byte> fill(const Tensor& tensor);

 private:
  struct Pool {
    std::vector<std::byte> bytes;
    std::vector<std::uint32_t> order;  // of its groups
    std::size_t dealt = 0;
  };

  std::vector<std::byte> exact(const Tensor& tensor);
  std::vector<std::byte> deal(const Tensor& tensor, float deviation);
  Pool& pool(ggml_type type, float deviation);
  void shuffle(Pool& pool);
  float uniform(float least, float most);

  std::mt19937 random_;
  int width_;
  std::vector<bool> silent_;
  bool tied_;
  std::vector<float> normal_;
  std::map<std::pair<ggml_type, float>, Pool> pools_;
};

}  // namespace random_model
