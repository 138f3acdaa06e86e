// Text to tokens and back: a view of the vocabulary inside a Model, which owns it and outlives every view.
//
// Tokenizing is thread-safe. Pieces are bytes, not text: one character may come in several tokens.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

struct llama_vocab;

namespace worker::engine {

using Token = std::int32_t;

// The tokens around a gap to be filled; negative where the model has none.
struct FillTokens {
  Token prefix = -1, suffix = -1, middle = -1, file = -1, repository = -1;
};

class Vocabulary {
 public:
  explicit Vocabulary(const llama_vocab* vocab);
  const llama_vocab* handle() const { return vocab_; }

  // `add_special`: the beginning-of-text token and the like where the model wants them. `parse_special`: markup such as <|im_start|> in
  // the text becomes its token.
  std::vector<Token> tokenize(std::string_view text, bool add_special, bool parse_special) const;
  // Control tokens have no piece, except the ones given to show().
  std::string piece(Token token) const;
  std::string piece_with_specials(Token token) const;
  std::string text_of(const std::vector<Token>& tokens) const;
  bool ends_generation(Token token) const;

  // Control tokens whose text is one of `markers` are given as text from now on: a parser downstream needs to see them.
  void show(const std::vector<std::string>& markers);

  std::string beginning_text() const;  // as the chat template calls it: bos_token
  std::string end_text() const;        // eos_token
  bool adds_beginning() const;
  Token beginning() const;  // negative: none
  Token end() const;        // negative: none
  // Two texts for a model that reads pairs, with those special tokens around them that the vocabulary says it adds. As llama-server does.
  std::vector<Token> pair(std::string_view query, std::string_view document) const;
  FillTokens fill_tokens() const;
  Token size() const;

 private:
  std::string render(Token token, bool special) const;

  const llama_vocab* vocab_;
  std::set<Token> shown_;
};

}  // namespace worker::engine
