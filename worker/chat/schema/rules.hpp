// Grammar rules before they are text: what can be checked and pruned.
//
// A rule that can produce nothing (its every alternative needs a rule that produces nothing, or needs itself) would lead a model into a
// value that it can never finish; prune() takes such rules and what needs them out.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worker/chat/schema/char_set.hpp"

namespace worker::chat::schema {

struct Item {
  std::string text;  // GBNF for a terminal or the name of a base rule; empty if `rule` says which rule
  std::size_t rule = 0;
  std::size_t min = 1;
  std::optional<std::size_t> max = 1;  // none: without end

  Item times(std::size_t least, std::optional<std::size_t> most) const;
};
using Sequence = std::vector<Item>;

Item literal(std::string_view text);     // exactly this text
Item terminal(std::string gbnf);         // as it is
Item characters_of(const CharSet& set);  // one of them

class Rules {
 public:
  explicit Rules(std::string prefix) : prefix_(std::move(prefix)) {}

  // An empty rule, to be filled: so that rules may refer to one another.
  Item add();
  Item add(std::vector<Sequence> alternatives);
  void fill(const Item& rule, std::vector<Sequence> alternatives) { rules_[rule.rule].alternatives = std::move(alternatives); }
  std::size_t count() const { return rules_.size(); }

  void prune();
  bool produces(const Item& item) const { return !item.text.empty() || item.min == 0 || rules_[item.rule].produces; }
  std::string name(const Item& rule) const;
  // The rules that `root` needs.
  std::string text(const Item& root) const;

 private:
  struct Rule {
    std::vector<Sequence> alternatives;
    bool produces = false;
  };
  std::string written(const Item& item) const;

  std::string prefix_;
  std::vector<Rule> rules_;
};

}  // namespace worker::chat::schema
