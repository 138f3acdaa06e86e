#include "worker/engine/vocabulary.hpp"

#include <llama.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <stdexcept>

namespace worker::engine {

Vocabulary::Vocabulary(const llama_vocab* vocab) : vocab_(vocab) {}

std::vector<Token> Vocabulary::tokenize(std::string_view text, bool add_special, bool parse_special) const {
  if (text.size() > std::size_t(std::numeric_limits<std::int32_t>::max())) throw std::length_error("text too long to tokenize");
  auto length = static_cast<std::int32_t>(text.size());
  std::vector<Token> tokens(text.size() / 2 + 8);
  auto run = [&] {
    return llama_tokenize(vocab_, text.data(), length, tokens.data(), static_cast<std::int32_t>(tokens.size()), add_special, parse_special);
  };
  std::int32_t count = run();
  if (count < 0 && count != std::numeric_limits<std::int32_t>::min()) {
    tokens.resize(static_cast<std::size_t>(-count));
    count = run();
  }
  if (count < 0) throw std::length_error("text too long to tokenize");
  tokens.resize(static_cast<std::size_t>(count));
  return tokens;
}

std::string Vocabulary::render(Token token, bool special) const {
  char small[64];
  std::int32_t length = llama_token_to_piece(vocab_, token, small, sizeof small, 0, special);
  if (length >= 0) return std::string(small, static_cast<std::size_t>(length));
  std::string large(static_cast<std::size_t>(-length), '\0');
  length = llama_token_to_piece(vocab_, token, large.data(), -length, 0, special);
  large.resize(static_cast<std::size_t>(std::max(length, 0)));
  return large;
}

std::string Vocabulary::piece(Token token) const { return render(token, shown_.contains(token)); }
std::string Vocabulary::piece_with_specials(Token token) const { return render(token, true); }

std::string Vocabulary::text_of(const std::vector<Token>& tokens) const {
  std::string text;
  for (Token token : tokens) text += render(token, true);
  return text;
}

bool Vocabulary::ends_generation(Token token) const { return llama_vocab_is_eog(vocab_, token); }

void Vocabulary::show(const std::vector<std::string>& markers) {
  for (const std::string& marker : markers) {
    std::vector<Token> tokens = tokenize(marker, false, true);
    if (tokens.size() == 1 && llama_vocab_is_control(vocab_, tokens[0]) && !ends_generation(tokens[0])) shown_.insert(tokens[0]);
  }
}

std::string Vocabulary::beginning_text() const { return beginning() < 0 ? "" : llama_vocab_get_text(vocab_, beginning()); }
std::string Vocabulary::end_text() const {
  Token end = llama_vocab_eos(vocab_);
  return end < 0 ? "" : llama_vocab_get_text(vocab_, end);
}
bool Vocabulary::adds_beginning() const { return llama_vocab_get_add_bos(vocab_); }
Token Vocabulary::beginning() const { return llama_vocab_bos(vocab_); }
Token Vocabulary::end() const { return llama_vocab_eos(vocab_); }

std::vector<Token> Vocabulary::pair(std::string_view query, std::string_view document) const {
  const Token separator = llama_vocab_sep(vocab_);
  const Token end = llama_vocab_eos(vocab_) >= 0 ? llama_vocab_eos(vocab_) : separator;
  std::vector<Token> tokens;
  auto add = [&tokens](bool wanted, Token token) {
    if (wanted && token >= 0) tokens.push_back(token);
  };
  add(llama_vocab_get_add_bos(vocab_), llama_vocab_bos(vocab_));
  std::ranges::copy(tokenize(query, false, false), std::back_inserter(tokens));
  add(llama_vocab_get_add_eos(vocab_), end);
  add(llama_vocab_get_add_sep(vocab_), separator);
  std::ranges::copy(tokenize(document, false, false), std::back_inserter(tokens));
  add(llama_vocab_get_add_eos(vocab_), end);
  return tokens;
}

FillTokens Vocabulary::fill_tokens() const {
  return {.prefix = llama_vocab_fim_pre(vocab_),
          .suffix = llama_vocab_fim_suf(vocab_),
          .middle = llama_vocab_fim_mid(vocab_),
          .file = llama_vocab_fim_sep(vocab_),
          .repository = llama_vocab_fim_rep(vocab_)};
}

Token Vocabulary::size() const { return llama_vocab_n_tokens(vocab_); }

}  // namespace worker::engine
