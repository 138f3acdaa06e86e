#include <algorithm>

#include "worker/chat/schema/base_rules.hpp"
#include "worker/chat/schema/emit.hpp"

namespace worker::chat::schema {

// Items that have schemas of their own come one by one, each behind the one before; the rest is one repetition.
void Emitter::add_array(const ArrayFacts& facts, Alternatives& out) {
  if (facts.free()) return out.push_back({base("array")});
  if (!facts.unique_pointer.empty() && (!facts.max || *facts.max > 1))
    return refusal().refuse(facts.unique_pointer, "a grammar cannot say this");
  std::size_t own = 0;
  for (const auto& part : facts.parts) own = std::max(own, part->prefix.size());
  if (facts.max) own = std::min(own, *facts.max);
  for (std::size_t i = 0; i < own; ++i)
    if (is_never(item_schemas(facts, i))) own = i;  // the array ends before what cannot be
  Conjunction rest = item_schemas(facts, own);
  bool ends = is_never(rest) || facts.max == own;
  if (facts.min > own && ends) return;
  if (facts.max && *facts.max < facts.min) return;

  Item comma = rules_.add({{literal(","), base("gap")}});
  auto left = [&](std::size_t used) { return facts.max ? std::optional(*facts.max - used) : std::nullopt; };
  auto needed = [&](std::size_t used) { return facts.min > used ? facts.min - used : 0; };
  // From the back: `tail` is what may follow the item before.
  Sequence tail;
  if (!ends && own > 0) {
    Item next = rules_.add({{comma, rule_for(rest)}});
    tail = {next.times(needed(own), left(own))};
  }
  for (std::size_t i = own; i-- > 1;) {
    Sequence more{comma, rule_for(item_schemas(facts, i))};
    more.insert(more.end(), tail.begin(), tail.end());
    Alternatives ways{more};
    if (i >= facts.min) ways.push_back({});
    tail = {rules_.add(std::move(ways))};
  }
  Sequence first{literal("["), base("gap")};
  if (own > 0) {
    first.push_back(rule_for(item_schemas(facts, 0)));
    first.insert(first.end(), tail.begin(), tail.end());
  } else if (!ends) {
    Item next = rules_.add({{comma, rule_for(rest)}});
    first.push_back(rule_for(rest));
    first.push_back(next.times(needed(1), left(1)));
  }
  if (own > 0 || !ends) {
    first.push_back(base("gap"));
    first.push_back(literal("]"));
    out.push_back(std::move(first));
  }
  if (facts.min == 0) out.push_back({literal("["), base("gap"), literal("]")});
}

}  // namespace worker::chat::schema
