#include "worker/engine/sampling.hpp"

#include <llama.h>

#include <random>

#include "worker/engine/context.hpp"

namespace worker::engine {

void Sampler::Free::operator()(llama_sampler* sampler) const { llama_sampler_free(sampler); }

Sampler::Sampler(const SamplingParams& params) : chain_(llama_sampler_chain_init(llama_sampler_chain_default_params())) {
  auto add = [this](llama_sampler* step) { llama_sampler_chain_add(chain_.get(), step); };
  if (params.temperature <= 0) {
    add(llama_sampler_init_greedy());
    return;
  }
  if (params.top_k > 0) add(llama_sampler_init_top_k(params.top_k));
  if (params.top_p < 1) add(llama_sampler_init_top_p(params.top_p, 1));
  if (params.min_p > 0) add(llama_sampler_init_min_p(params.min_p, 1));
  add(llama_sampler_init_temp(params.temperature));
  std::uint32_t seed = params.seed ? *params.seed : std::random_device()();
  // libllama reads this one value as "random": a caller who gave it wants the same answer twice all the same.
  if (seed == LLAMA_DEFAULT_SEED) seed = 0;
  add(llama_sampler_init_dist(seed));
}

Token Sampler::sample(const Context& context, int index) { return llama_sampler_sample(chain_.get(), context.handle(), index); }

}  // namespace worker::engine
