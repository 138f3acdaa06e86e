// libllama's own reading of a grammar, with the vocabulary of a demo model: no weights are loaded.
#pragma once

#include <memory>
#include <string>

struct llama_model;

namespace support {

class LlamaGrammar {
 public:
  explicit LlamaGrammar(const std::string& model_path);
  ~LlamaGrammar();

  bool parses(const std::string& grammar) const;
  // Would a model constrained by the grammar be let to write `text`, token by token, and to end there?
  bool lets_write(const std::string& grammar, const std::string& text) const;

 private:
  struct Free {
    void operator()(llama_model* model) const;
  };
  std::unique_ptr<llama_model, Free> model_;
};

}  // namespace support
