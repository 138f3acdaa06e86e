// Holds an answer to a grammar: from its first token, or from the moment a trigger appears in its text ("lazy"), so that a model may speak
// freely and is bound once it begins a tool call.
//
// The grammar covers the trigger itself. When a trigger's last byte has come, the grammar is made to accept the tokens that spelled it,
// whatever the model's vocabulary cut them into. Plain strings are looked for: libllama's own lazy grammars match regular expressions
// against the whole text after every token, recursively, and a long thought overflows the stack.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "worker/engine/vocabulary.hpp"

struct llama_sampler;
struct llama_token_data_array;

namespace worker::engine {

struct GrammarTrigger {
  std::string text;
  bool at_start = false;  // only where nothing but white space was said before it: elsewhere it is ordinary text
};

struct Grammar {
  std::string text;                      // GBNF
  std::string start = "root";            // the rule that it begins with
  std::vector<GrammarTrigger> triggers;  // empty: it holds from the start. Otherwise the start begins with one of them
};

class GrammarGuard {
 public:
  // The vocabulary outlives the guard. ErrorKind::bad_request if the grammar cannot be parsed, is empty or lacks a rule.
  static common::Result<GrammarGuard> create(const Vocabulary& vocabulary, Grammar grammar);
  GrammarGuard() = default;  // allows everything

  // Another answer to the same grammar, as far as this one has come.
  GrammarGuard copy() const;

  bool allows(Token token) const;
  // Forbids (with a logit of minus infinity) what the grammar does not allow.
  void apply(llama_token_data_array& candidates) const;
  // The next token of the answer. `may_trigger` is false where a trigger is only being thought of.
  void accept(Token token, bool may_trigger);

 private:
  struct Free {
    void operator()(llama_sampler* sampler) const;
  };
  struct Seen {
    Token token;
    std::string piece;
  };

  void look_for_trigger();
  void begin_at(std::size_t offset);

  const Vocabulary* vocabulary_ = nullptr;
  Grammar grammar_;
  std::unique_ptr<llama_sampler, Free> state_;  // null: nothing is ever refused
  bool holding_ = false;
  std::deque<Seen> recent_;  // the tokens that a trigger might have begun in
  std::size_t longest_ = 0;  // trigger, in bytes
  bool said_ = false;        // something that is not white space, before recent_
};

}  // namespace worker::engine
