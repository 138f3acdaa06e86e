#include <algorithm>
#include <format>
#include <map>

#include "worker/chat/schema/base_rules.hpp"
#include "worker/chat/schema/emit.hpp"
#include "worker/chat/schema/limits.hpp"

namespace worker::chat::schema {
namespace {

constexpr std::size_t kBlock = 500;

// The ways to read one of `set` inside a string.
std::vector<Item> spellings(const CharSet& set, bool in_string) {
  if (!in_string) return {characters_of(set)};
  std::vector<Item> ways, escaped;
  CharSet plain = set.intersect(plain_characters());
  for (const Escape& escape : escapes())
    if (set.contains(escape.character)) escaped.push_back(literal(escape.spelling));
  bool every = escaped.size() == escapes().size();
  if (every && plain == plain_characters()) return {base("char")};
  if (!plain.empty()) ways.push_back(characters_of(plain));
  if (every) escaped = {base("escape")};
  ways.insert(ways.end(), escaped.begin(), escaped.end());
  return ways;
}

}  // namespace

void Emitter::add_string(const StringFacts& facts, Alternatives& out) {
  if (facts.free()) return out.push_back({base("string")});
  if (facts.patterns.empty() && facts.formats.empty()) {
    if (facts.max && *facts.max < facts.min) return;
    Sequence sequence = characters_between(facts.min, facts.max);
    sequence.insert(sequence.begin(), literal("\""));
    sequence.push_back(literal("\""));
    return out.push_back(std::move(sequence));
  }
  // Regular expressions are made once, so their addresses tell them apart.
  std::string key = std::format("string {} {}", facts.min, facts.max ? std::to_string(*facts.max) : "-");
  for (const auto* list : {&facts.patterns, &facts.formats})
    for (const SharedLanguage& language : *list) key += std::format(" {}", static_cast<const void*>(language.get()));
  if (auto made = texts_.find(key); made != texts_.end()) return out.push_back({made->second});
  auto language = string_language(facts);
  if (!language)
    return refusal().refuse(
        facts.pointer,
        std::format("together with what else is asked of the string it needs more than {} states or too much work", kMaxStates));
  if (language->empty()) return;
  out.push_back({string_rule(*language)});
  texts_.emplace(std::move(key), out.back().front());
}

// Counts that are too large for one repetition are counted in blocks. Where a text stands in its last block is known but for whether that
// block will be whole, so a parser has few ways to follow.
Sequence Emitter::characters_between(std::size_t min, std::optional<std::size_t> max) {
  if (max.value_or(min) <= kMaxRepetition) return {base("char").times(min, max)};
  Item block = rules_.add({{base("char").times(kBlock, kBlock)}});
  auto exactly = [&](std::size_t count) {
    Sequence sequence;
    if (count >= kBlock) sequence.push_back(block.times(count / kBlock, count / kBlock));
    if (count % kBlock > 0) sequence.push_back(base("char").times(count % kBlock, count % kBlock));
    return sequence;
  };
  Sequence all = exactly(min);
  if (!max) {
    all.push_back(base("char").times(0, std::nullopt));
    return all;
  }
  std::size_t blocks = (*max - min) / kBlock, rest = (*max - min) % kBlock;
  Alternatives more;
  if (blocks > 0) more.push_back({block.times(0, blocks - 1), base("char").times(0, kBlock - 1)});
  more.push_back({block.times(blocks, blocks), base("char").times(0, rest)});
  all.push_back(rules_.add(std::move(more)));
  return all;
}

std::optional<Language> Emitter::string_language(const StringFacts& facts) {
  std::optional<Language> all = facts.any_length() ? Language::all() : Language::of_length(facts.min, facts.max);
  for (const auto* list : {&facts.patterns, &facts.formats})
    for (const SharedLanguage& language : *list)
      if (all) all = all->intersect(*language, expander_.work());
  return all;
}

Item Emitter::string_rule(const Language& language) { return rules_.add({{literal("\""), automaton(language, true)}}); }

// A rule for every state; what follows a character is the rule of the next state, always at the end, so that reading needs no stack.
// In a string, accepting states read the closing quote.
Item Emitter::automaton(const Language& language, bool in_string) {
  const auto& states = language.states();
  std::vector<Item> rules;
  for (std::size_t i = 0; i < states.size(); ++i) rules.push_back(rules_.add());
  Sequence end;
  if (in_string) end.push_back(literal("\""));
  for (std::size_t i = 0; i < states.size(); ++i) {
    Alternatives alternatives;
    std::map<int, CharSet> targets;
    for (const Language::Edge& edge : states[i].edges) targets[edge.to].add(edge.on);
    for (const auto& [to, set] : targets) {
      const Language::State& next = states[static_cast<std::size_t>(to)];
      for (const Item& way : spellings(set, in_string)) {
        Sequence sequence{way};
        if (next.accepts && next.edges.empty()) {
          sequence.insert(sequence.end(), end.begin(), end.end());
        } else {
          sequence.push_back(rules[static_cast<std::size_t>(to)]);
        }
        alternatives.push_back(std::move(sequence));
      }
    }
    if (states[i].accepts) alternatives.push_back(end);
    rules_.fill(rules[i], std::move(alternatives));
  }
  return rules.front();
}

}  // namespace worker::chat::schema
