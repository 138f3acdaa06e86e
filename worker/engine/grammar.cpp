#include "worker/engine/grammar.hpp"

#include <llama.h>

#include <algorithm>
#include <format>
#include <limits>
#include <string_view>
#include <utility>

#include "worker/engine/backend.hpp"

namespace worker::engine {

namespace {

// As a GBNF literal, every byte escaped: what stands before a trigger in its token may be anything.
std::string literal(std::string_view text) {
  std::string out = "\"";
  for (unsigned char c : text) out += std::format("\\x{:02X}", c);
  return out + "\"";
}

}  // namespace

void GrammarGuard::Free::operator()(llama_sampler* sampler) const { llama_sampler_free(sampler); }

common::Result<GrammarGuard> GrammarGuard::create(const Vocabulary& vocabulary, Grammar grammar) {
  GrammarGuard guard;
  guard.vocabulary_ = &vocabulary;
  // libllama takes an empty text for "no grammar". One that cannot be parsed must not become that.
  forget_complaints();
  expect_complaints(true);
  if (!grammar.text.empty())
    guard.state_.reset(llama_sampler_init_grammar(vocabulary.handle(), grammar.text.c_str(), grammar.start.c_str()));
  expect_complaints(false);
  if (!guard.state_) return common::fail(common::ErrorKind::bad_request, "the grammar cannot be parsed, or has no rule named root");
  guard.holding_ = grammar.triggers.empty();
  for (const GrammarTrigger& trigger : grammar.triggers) guard.longest_ = std::max(guard.longest_, trigger.text.size());
  guard.grammar_ = std::move(grammar);
  return guard;
}

GrammarGuard GrammarGuard::copy() const {
  GrammarGuard guard;
  guard.vocabulary_ = vocabulary_;
  guard.grammar_ = grammar_;
  if (state_) guard.state_.reset(llama_sampler_clone(state_.get()));
  guard.holding_ = holding_;
  guard.recent_ = recent_;
  guard.longest_ = longest_;
  guard.said_ = said_;
  return guard;
}

bool GrammarGuard::allows(Token token) const {
  if (!holding_) return true;
  llama_token_data one{token, 1, 0};
  llama_token_data_array array{.data = &one, .size = 1, .selected = -1, .sorted = false};
  llama_sampler_apply(state_.get(), &array);
  return one.logit != -std::numeric_limits<float>::infinity();
}

void GrammarGuard::apply(llama_token_data_array& candidates) const {
  if (holding_) llama_sampler_apply(state_.get(), &candidates);
}

void GrammarGuard::accept(Token token, bool may_trigger) {
  if (!state_) return;
  if (holding_) {
    // A token that was decided and not drawn may be one that the grammar cannot bear; libllama would throw.
    if (allows(token)) return llama_sampler_accept(state_.get(), token);
    holding_ = false;
    return state_.reset();
  }
  if (!may_trigger) {  // what is thought is not said
    said_ = false;
    return recent_.clear();
  }
  // Pieces as the grammar will spell them: markup included.
  recent_.push_back({token, vocabulary_->piece_with_specials(token)});
  look_for_trigger();
}

void GrammarGuard::look_for_trigger() {
  std::string text;
  for (const Seen& seen : recent_) text += seen.piece;
  const std::size_t start = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  std::size_t first = std::string::npos;
  for (const GrammarTrigger& trigger : grammar_.triggers) {
    std::size_t found = text.find(trigger.text);
    if (!trigger.at_start || (!said_ && found == start)) first = std::min(first, found);
  }
  if (first != std::string::npos) return begin_at(first);
  // Only what a trigger may have begun in is kept.
  std::size_t size = text.size();
  while (!recent_.empty() && size - recent_.front().piece.size() >= longest_) {
    size -= recent_.front().piece.size();
    said_ = said_ || recent_.front().piece.find_first_not_of(" \t\r\n") != std::string::npos;
    recent_.pop_front();
  }
}

void GrammarGuard::begin_at(std::size_t offset) {
  std::size_t before = 0;
  while (before + recent_.front().piece.size() <= offset) {
    before += recent_.front().piece.size();
    recent_.pop_front();
  }
  if (offset > before) {
    const std::string_view cut = std::string_view(recent_.front().piece).substr(0, offset - before);
    std::string rest = grammar_.text + "\nperch-begins ::= " + literal(cut) + " " + grammar_.start + "\n";
    state_.reset(llama_sampler_init_grammar(vocabulary_->handle(), rest.c_str(), "perch-begins"));
  }
  // What came with the trigger's last byte in one token was drawn freely; if the grammar cannot bear it, there is nothing left to hold.
  holding_ = true;
  for (const Seen& seen : recent_) {
    if (!state_ || !allows(seen.token)) {
      holding_ = false;
      state_.reset();
      break;
    }
    llama_sampler_accept(state_.get(), seen.token);
  }
  recent_.clear();
}

}  // namespace worker::engine
