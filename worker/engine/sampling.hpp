// How the next token is chosen. A Sampler belongs to one answer: it holds that answer's random numbers, its grammar's state and what it has
// to know of the text so far (penalties).
//
// The order of the steps is that of llama-server, so that the same parameters mean the same thing: bias, penalties, DRY, top-n-sigma,
// top-k, typical, top-p, min-p, XTC, temperature, then the draw. A grammar is asked about the token drawn, and only when it refuses is
// everything drawn again among the tokens it allows: asking it about a whole vocabulary is what makes grammars slow.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "worker/engine/grammar.hpp"
#include "worker/engine/vocabulary.hpp"

struct llama_sampler;

namespace worker::engine {

class Context;

struct LogitBias {
  Token token = 0;
  float bias = 0;  // added to the token's logit; -infinity forbids it
};

// Ranges are checked where requests are read. Sources: the papers and pull requests named in llama.h beside llama_sampler_init_*.
struct SamplingParams {
  float temperature = 0.8f;  // 0: always the likeliest token
  float dynatemp_range = 0;  // temperature varies by this much with the entropy; 0: off
  float dynatemp_exponent = 1;
  int top_k = 40;  // 0: off
  float top_p = 0.95f;
  float min_p = 0.05f;
  float typical_p = 1;     // 1: off
  float top_n_sigma = -1;  // negative: off
  float xtc_probability = 0;
  float xtc_threshold = 0.1f;
  int penalty_last_n = 64;  // tokens the three penalties look back on; 0: off, -1: the whole context
  float repeat_penalty = 1;
  float frequency_penalty = 0;
  float presence_penalty = 0;
  float dry_multiplier = 0;  // 0: off
  float dry_base = 1.75f;
  int dry_allowed_length = 2;
  int dry_penalty_last_n = -1;
  std::vector<std::string> dry_sequence_breakers{"\n", ":", "\"", "*"};
  int mirostat = 0;  // 1 or 2: that version in place of the cutting steps
  float mirostat_tau = 5;
  float mirostat_eta = 0.1f;
  std::vector<LogitBias> logit_bias;
  bool ignore_eos = false;
  std::optional<std::uint32_t> seed;  // absent: a random one
};

struct TokenProbability {
  Token token = 0;
  float logprob = 0;  // natural logarithm
};

// What the model itself thought of a token before any sampling step.
struct Logprobs {
  float chosen = 0;
  std::vector<TokenProbability> top;  // the likeliest, in falling order
};

class Sampler {
 public:
  // `context_tokens` is what penalties that look at everything look at.
  Sampler(const Vocabulary& vocabulary, const SamplingParams& params, GrammarGuard grammar, std::uint64_t context_tokens);

  // The prompt's tokens, oldest first: penalties look at them, the grammar does not. Negative ones are of pictures and not looked at.
  void remember(std::span<const Token> prompt);
  // From the logits of the `index`-th token of the batch decoded last. Nothing: of what the grammar allows, the biases forbid everything
  // (of an answer that is complete its end, with ignore_eos), so that the answer is over.
  std::optional<Token> sample(const Context& context, int index);
  // The token that was drawn, or decided without drawing. `may_trigger`: see GrammarGuard.
  void accept(Token token, bool may_trigger);

 private:
  struct Free {
    void operator()(llama_sampler* sampler) const;
  };
  Token draw(llama_token_data_array candidates);

  std::unique_ptr<llama_sampler, Free> chain_;
  bool only_the_likeliest_;   // the chain looks at nothing else
  std::vector<Token> never_;  // forbidden by the biases
  GrammarGuard grammar_;
};

// Of the logits of the `index`-th token of the batch decoded last.
Logprobs logprobs_of(const Context& context, int index, Token chosen, std::size_t top);

}  // namespace worker::engine
