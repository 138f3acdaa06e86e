#include "worker/engine/sampling.hpp"

#include <llama.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <utility>

#include "worker/engine/context.hpp"

namespace worker::engine {

namespace {

constexpr float kForbidden = -std::numeric_limits<float>::infinity();

std::vector<llama_logit_bias> biases(const llama_vocab* vocab, const SamplingParams& params) {
  std::vector<llama_logit_bias> all;
  for (const LogitBias& entry : params.logit_bias) all.push_back({entry.token, entry.bias});
  if (!params.ignore_eos) return all;
  for (Token token = 0; token < llama_vocab_n_tokens(vocab); ++token) {
    if (llama_vocab_is_eog(vocab, token)) all.push_back({token, kForbidden});
  }
  return all;
}

bool draws_the_likeliest(const SamplingParams& params) {
  return params.temperature <= 0 && params.mirostat == 0 && params.xtc_probability <= 0 && params.typical_p >= 1 &&
         params.dynatemp_range <= 0;
}

std::uint32_t seed_for(const SamplingParams& params) {
  std::uint32_t seed = params.seed ? *params.seed : std::random_device()();
  // libllama reads this one value as "random": a caller who gave it wants the same answer twice all the same.
  return seed == LLAMA_DEFAULT_SEED ? 0 : seed;
}

struct Adder {
  llama_sampler* chain;
  const llama_vocab* vocab;
  const SamplingParams& params;
  const std::vector<llama_logit_bias>& bias;
  int context_tokens;
  int vocabulary = llama_vocab_n_tokens(vocab);

  void add(llama_sampler* step) const { llama_sampler_chain_add(chain, step); }

  int window(int last_n) const { return last_n < 0 ? context_tokens : std::min(last_n, context_tokens); }

  void bias_and_penalties() const {
    if (!bias.empty()) add(llama_sampler_init_logit_bias(vocabulary, static_cast<std::int32_t>(bias.size()), bias.data()));
    if (params.repeat_penalty != 1 || params.frequency_penalty != 0 || params.presence_penalty != 0) {
      add(llama_sampler_init_penalties(vocabulary, window(params.penalty_last_n), params.repeat_penalty, params.frequency_penalty,
                                       params.presence_penalty));
    }
    if (params.dry_multiplier <= 0) return;
    std::vector<const char*> breakers;
    for (const std::string& text : params.dry_sequence_breakers) breakers.push_back(text.c_str());
    add(llama_sampler_init_dry(vocab, params.dry_multiplier, params.dry_base, params.dry_allowed_length, window(params.dry_penalty_last_n),
                               breakers.data(), breakers.size()));
  }

  void cuts(std::uint32_t seed) const {
    if (params.top_n_sigma >= 0) add(llama_sampler_init_top_n_sigma(params.top_n_sigma));
    if (params.top_k > 0) add(llama_sampler_init_top_k(params.top_k));
    if (params.typical_p < 1) add(llama_sampler_init_typical(params.typical_p, 1));
    if (params.top_p < 1) add(llama_sampler_init_top_p(params.top_p, 1));
    if (params.min_p > 0) add(llama_sampler_init_min_p(params.min_p, 1));
    if (params.xtc_probability > 0) add(llama_sampler_init_xtc(params.xtc_probability, params.xtc_threshold, 1, seed));
    add(llama_sampler_init_temp_ext(params.temperature, params.dynatemp_range, params.dynatemp_exponent));
  }

  void everything() const {
    bias_and_penalties();
    if (draws_the_likeliest(params)) return add(llama_sampler_init_greedy());
    std::uint32_t seed = seed_for(params);
    if (params.mirostat == 0) {
      cuts(seed);
      add(llama_sampler_init_dist(seed));
      return;
    }
    add(llama_sampler_init_temp(params.temperature));
    constexpr int kWindow = 100;  // "m" of the Mirostat paper, as its authors chose it
    add(params.mirostat == 1 ? llama_sampler_init_mirostat(vocabulary, seed, params.mirostat_tau, params.mirostat_eta, kWindow)
                             : llama_sampler_init_mirostat_v2(seed, params.mirostat_tau, params.mirostat_eta));
  }
};

// The logits as candidates, in a buffer that lives as long as the thread: a large vocabulary's would be allocated for every token.
llama_token_data_array candidates(const float* logits, std::int32_t count) {
  thread_local std::vector<llama_token_data> space;
  space.resize(static_cast<std::size_t>(count));
  for (Token token = 0; token < count; ++token) space[static_cast<std::size_t>(token)] = {token, logits[token], 0};
  return {.data = space.data(), .size = space.size(), .selected = -1, .sorted = false};
}

// With four running maxima, which do not wait for each other: that is four times as fast as std::max_element, whose time can be measured in
// a token's when the vocabulary is large.
float highest_of(std::span<const float> logits) {
  float highest[4] = {kForbidden, kForbidden, kForbidden, kForbidden};
  for (; logits.size() >= 4; logits = logits.subspan(4)) {
    for (int i = 0; i < 4; ++i) highest[i] = std::max(highest[i], logits[i]);
  }
  for (float logit : logits) highest[0] = std::max(highest[0], logit);
  return std::ranges::max(highest);
}

// The first of the highest. It is looked for only in the stretch that has it.
Token likeliest(std::span<const float> logits) {
  constexpr std::size_t kStretch = 512;
  float highest = kForbidden;
  std::span<const float> where = logits.first(1);
  for (std::size_t at = 0; at < logits.size(); at += kStretch) {
    const auto stretch = logits.subspan(at, std::min(kStretch, logits.size() - at));
    if (const float most = highest_of(stretch); most > highest) highest = most, where = stretch;
  }
  const auto found = std::ranges::find(where, highest);
  return static_cast<Token>((found == where.end() ? where.begin() : found) - where.begin() + (where.data() - logits.data()));
}

std::int32_t vocabulary_of(const Context& context) {
  return llama_vocab_n_tokens(llama_model_get_vocab(llama_get_model(context.handle())));
}

}  // namespace

void Sampler::Free::operator()(llama_sampler* sampler) const { llama_sampler_free(sampler); }

Sampler::Sampler(const Vocabulary& vocabulary, const SamplingParams& params, GrammarGuard grammar, std::uint64_t context_tokens)
    : chain_(llama_sampler_chain_init(llama_sampler_chain_default_params())), only_the_likeliest_(false), grammar_(std::move(grammar)) {
  const std::vector<llama_logit_bias> bias = biases(vocabulary.handle(), params);
  Adder{.chain = chain_.get(),
        .vocab = vocabulary.handle(),
        .params = params,
        .bias = bias,
        .context_tokens = static_cast<int>(context_tokens)}
      .everything();
  for (const llama_logit_bias& entry : bias) {
    if (entry.bias == kForbidden) never_.push_back(entry.token);
  }
  only_the_likeliest_ = draws_the_likeliest(params) && llama_sampler_chain_n(chain_.get()) == 1;
}

void Sampler::remember(std::span<const Token> prompt) {
  for (Token token : prompt) {
    if (token >= 0) llama_sampler_accept(chain_.get(), token);
  }
}

std::optional<Token> Sampler::sample(const Context& context, int index) {
  const float* logits = llama_get_logits_ith(context.handle(), index);
  const std::int32_t count = vocabulary_of(context);
  // The likeliest is found without copying a large vocabulary's logits.
  Token token = only_the_likeliest_ ? likeliest({logits, static_cast<std::size_t>(count)}) : draw(candidates(logits, count));
  if (grammar_.allows(token)) return token;
  llama_token_data_array allowed = candidates(logits, count);
  grammar_.apply(allowed);
  for (Token never : never_) allowed.data[never].logit = kForbidden;
  auto may_come = [](const llama_token_data& one) { return std::isfinite(one.logit); };
  if (std::ranges::none_of(std::span(allowed.data, allowed.size), may_come)) return std::nullopt;
  return draw(allowed);
}

Token Sampler::draw(llama_token_data_array array) {
  llama_sampler_apply(chain_.get(), &array);
  return array.data[array.selected].id;
}

void Sampler::accept(Token token, bool may_trigger) {
  grammar_.accept(token, may_trigger);
  llama_sampler_accept(chain_.get(), token);
}

Logprobs logprobs_of(const Context& context, int index, Token chosen, std::size_t top) {
  const float* logits = llama_get_logits_ith(context.handle(), index);
  const auto count = static_cast<std::size_t>(vocabulary_of(context));
  const float highest = highest_of({logits, count});
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += std::exp(static_cast<double>(logits[i] - highest));
  const float norm = highest + static_cast<float>(std::log(sum));
  Logprobs probs{.chosen = logits[chosen] - norm};
  std::vector<Token> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = static_cast<Token>(i);
  top = std::min(top, count);
  auto likelier = [logits](Token a, Token b) { return logits[a] != logits[b] ? logits[a] > logits[b] : a < b; };
  std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(top), likelier);
  for (std::size_t i = 0; i < top; ++i) probs.top.push_back({.token = order[i], .logprob = logits[order[i]] - norm});
  return probs;
}

}  // namespace worker::engine
