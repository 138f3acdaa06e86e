// A regular set of strings, as a deterministic automaton over characters.
//
// Everything a schema says about a string (pattern, length, format, the names that a property must not have) becomes a Language, so that
// several demands on one string are an intersection, "any other name" is a complement, and whether two demands exclude each other can be
// decided. Every state can still reach an accepting one: a grammar written from it has no dead ends. Operations that would need more
// than kMaxStates states, or more work than is left, give nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worker/chat/schema/char_set.hpp"

namespace worker::chat::schema {

// What is left of kMaxAutomataWork; shared by all automata of one schema.
struct WorkLeft {
  std::size_t steps;
  bool spend(std::size_t cost) {
    bool enough = cost <= steps;
    steps = enough ? steps - cost : 0;
    return enough;
  }
};

class Language {
 public:
  struct Edge {
    CharRange on;
    int to = 0;
  };
  struct State {
    std::vector<Edge> edges;  // ascending, disjoint
    bool accepts = false;
  };

  Language() = default;  // no string at all
  // State 0 is the start. Equal states are merged as far as there is work left for it.
  explicit Language(std::vector<State> states, WorkLeft* work = nullptr);
  static Language all();
  static Language of_length(std::size_t min, std::optional<std::size_t> max);
  static Language of(const std::vector<std::string>& strings);  // UTF-8
  // The decimal numbers without a sign that `divisor` divides. Leading zeros are in it.
  static Language multiples_of(std::size_t divisor);

  bool empty() const { return states_.empty(); }
  bool contains(std::string_view utf8) const;
  const std::vector<State>& states() const { return states_; }

  Language complement() const;
  std::optional<Language> intersect(const Language& other, WorkLeft& work) const;
  std::optional<Language> unite(const Language& other, WorkLeft& work) const;

 private:
  std::optional<Language> combine(const Language& other, bool both, WorkLeft& work) const;
  void drop_dead_ends();
  void merge_equal_states(WorkLeft* work);

  std::vector<State> states_;
};

}  // namespace worker::chat::schema
