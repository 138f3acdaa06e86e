// How the next token is chosen. A Sampler belongs to one request: it holds that request's random numbers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "worker/engine/vocabulary.hpp"

struct llama_sampler;

namespace worker::engine {

class Context;

struct SamplingParams {
  float temperature = 0.8f;  // 0: always the likeliest token
  int top_k = 40;            // 0: off
  float top_p = 0.95f;
  float min_p = 0.05f;
  std::optional<std::uint32_t> seed;  // absent: a random one
};

class Sampler {
 public:
  explicit Sampler(const SamplingParams& params);

  // From the logits of the `index`-th token of the batch decoded last.
  Token sample(const Context& context, int index);

 private:
  struct Free {
    void operator()(llama_sampler* sampler) const;
  };
  std::unique_ptr<llama_sampler, Free> chain_;
};

}  // namespace worker::engine
