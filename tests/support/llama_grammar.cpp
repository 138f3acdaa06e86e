#include "tests/support/llama_grammar.hpp"

#include <llama.h>

#include <cmath>
#include <stdexcept>
#include <vector>

namespace support {
namespace {

struct FreeSampler {
  void operator()(llama_sampler* sampler) const { llama_sampler_free(sampler); }
};
using Sampler = std::unique_ptr<llama_sampler, FreeSampler>;

Sampler make(const llama_vocab* vocabulary, const std::string& grammar) {
  return Sampler(llama_sampler_init_grammar(vocabulary, grammar.c_str(), "root"));
}

std::vector<llama_token> tokens_of(const llama_vocab* vocabulary, const std::string& text) {
  std::vector<llama_token> tokens(text.size() + 8);
  int count =
      llama_tokenize(vocabulary, text.data(), static_cast<int>(text.size()), tokens.data(), static_cast<int>(tokens.size()), false, false);
  if (count < 0) throw std::runtime_error("the text has more tokens than characters");
  tokens.resize(static_cast<std::size_t>(count));
  return tokens;
}

bool lets(llama_sampler* sampler, llama_token token) {
  llama_token_data one{token, 0.0f, 0.0f};
  llama_token_data_array candidates{&one, 1, -1, false};
  llama_sampler_apply(sampler, &candidates);
  return std::isfinite(one.logit);
}

}  // namespace

void LlamaGrammar::Free::operator()(llama_model* model) const { llama_model_free(model); }

LlamaGrammar::LlamaGrammar(const std::string& model_path) {
  llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
  llama_model_params params = llama_model_default_params();
  params.vocab_only = true;
  model_.reset(llama_model_load_from_file(model_path.c_str(), params));
  if (!model_) throw std::runtime_error("cannot load " + model_path);
}
LlamaGrammar::~LlamaGrammar() = default;

bool LlamaGrammar::parses(const std::string& grammar) const { return make(llama_model_get_vocab(model_.get()), grammar) != nullptr; }

bool LlamaGrammar::lets_write(const std::string& grammar, const std::string& text) const {
  const llama_vocab* vocabulary = llama_model_get_vocab(model_.get());
  Sampler sampler = make(vocabulary, grammar);
  if (!sampler) return false;
  for (llama_token token : tokens_of(vocabulary, text)) {
    if (!lets(sampler.get(), token)) return false;
    llama_sampler_accept(sampler.get(), token);
  }
  return lets(sampler.get(), llama_vocab_eos(vocabulary));
}

}  // namespace support
