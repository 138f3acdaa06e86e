// Writes cases as grammar rules: one rule for every conjunction that is met, each made once.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "worker/chat/schema/expand.hpp"
#include "worker/chat/schema/refusal.hpp"
#include "worker/chat/schema/rules.hpp"

namespace worker::chat::schema {

class Emitter {
 public:
  Emitter(Expander& expander, Rules& rules) : expander_(expander), rules_(rules) {}

  // Makes the rule for a schema, and every rule that it needs.
  Item emit(const Place& root);

 private:
  using Alternatives = std::vector<Sequence>;
  struct Member {
    std::string name;
    Conjunction schemas;
    bool required;
  };
  struct Members {
    std::vector<Member> known;    // in the order in which they are written
    std::vector<Sequence> other;  // a member of any other name, one alternative each; none if there may be none
    bool impossible = false;      // one that is required cannot be
  };

  Refusal& refusal() { return expander_.refusal(); }
  Item rule_for(const Conjunction& schemas);
  Alternatives alternatives(const Conjunction& schemas);
  void add_values(const Case& one, Alternatives& out);
  void add_number(const NumberFacts& facts, Alternatives& out);

  // In emit_text.cpp
  void add_string(const StringFacts& facts, Alternatives& out);
  Sequence characters_between(std::size_t min, std::optional<std::size_t> max);
  std::optional<Language> string_language(const StringFacts& facts);
  Item string_rule(const Language& language);
  Item automaton(const Language& language, bool in_string);

  // In emit_array.cpp
  void add_array(const ArrayFacts& facts, Alternatives& out);

  // In emit_object.cpp
  void add_object(const ObjectFacts& facts, Alternatives& out);
  Members members(const ObjectFacts& facts);
  void add_other_members(const ObjectFacts& facts, Members& members);
  std::optional<Language> names_language(const ObjectFacts& facts);

  Expander& expander_;
  Rules& rules_;
  std::map<Expander::Key, Item> made_;
  std::map<std::string, Item> texts_;  // rules of strings and numbers, by what is asked of them: the same is often asked again
  std::deque<std::pair<Item, Conjunction>> waiting_;  // rules are filled one after another, so that depth costs no stack
};

}  // namespace worker::chat::schema
