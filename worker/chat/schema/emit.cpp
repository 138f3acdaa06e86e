#include "worker/chat/schema/emit.hpp"

#include <algorithm>
#include <format>
#include <set>

#include "worker/chat/schema/base_rules.hpp"
#include "worker/chat/schema/compare.hpp"
#include "worker/chat/schema/limits.hpp"

namespace worker::chat::schema {
namespace {

constexpr std::size_t kFewValues = 12;

}  // namespace

Item Emitter::emit(const Place& root) {
  Item first = rules_.add();  // the root is a rule of its own even if it says no more than `value`
  waiting_.emplace_back(first, Conjunction{root});
  made_.emplace(Expander::key_of({root}), first);
  while (!waiting_.empty() && !refusal().refused()) {
    auto [rule, schemas] = std::move(waiting_.front());
    waiting_.pop_front();
    rules_.fill(rule, alternatives(schemas));
    if (rules_.count() > kMaxRules)
      refusal().refuse(schemas.empty() ? root.pointer : schemas.front().pointer,
                       std::format("the grammar needs more than {} rules", kMaxRules));
  }
  return first;
}

Item Emitter::rule_for(const Conjunction& schemas) {
  Expander::Key key = Expander::key_of(schemas);
  if (key.empty()) return base("value");
  if (auto made = made_.find(key); made != made_.end()) return made->second;
  Item rule = rules_.add();
  made_.emplace(std::move(key), rule);
  waiting_.emplace_back(rule, schemas);
  return rule;
}

std::vector<Sequence> Emitter::alternatives(const Conjunction& schemas) {
  Alternatives out;
  const std::vector<Case>* cases = expander_.cases(schemas);
  for (std::size_t i = 0; cases && i < cases->size() && !refusal().refused(); ++i) {
    const Case& one = (*cases)[i];
    if (one.allowed) {
      add_values(one, out);
      continue;
    }
    if (one.free()) {
      out.push_back({base("value")});
      continue;
    }
    if (one.kinds & kObject) add_object(one.object, out);
    if (one.kinds & kArray) add_array(one.array, out);
    if (one.kinds & kString) add_string(one.string, out);
    if (one.kinds & kNumber) add_number(one.number, out);
    if (one.kinds & kBoolean) out.push_back({base("boolean")});
    if (one.kinds & kNull) out.push_back({base("null")});
  }
  // Alternatives of several cases are often the same; a parser would follow each of them.
  std::set<std::string> seen;
  std::erase_if(out, [&](const Sequence& sequence) {
    return sequence.size() == 1 && !sequence[0].text.empty() && !seen.insert(sequence[0].text).second;
  });
  return out;
}

// Many strings are read as one automaton: as alternatives, a parser would follow each of them that is still possible.
void Emitter::add_values(const Case& one, Alternatives& out) {
  std::vector<std::string> strings;
  for (const common::Json& value : *one.allowed) {
    if (fits(value, one, expander_) != Fit::yes) continue;
    const auto* text = value.get_ptr<const std::string*>();
    bool spelled = text && std::ranges::none_of(*text, [](unsigned char c) { return c < 0x20; });  // an automaton spells not all of them
    if (spelled) strings.push_back(*text);
    if (!spelled) out.push_back({literal(common::dump_json(value))});
  }
  Language language = strings.size() > kFewValues ? Language::of(strings) : Language();
  if (!language.empty() && language.states().size() <= kMaxStates) return out.push_back({string_rule(language)});
  for (const std::string& text : strings) out.push_back({literal(common::dump_json(text))});
}

void Emitter::add_number(const NumberFacts& facts, Alternatives& out) {
  if (facts.free()) return out.push_back({base(facts.whole ? "integer" : "number")});
  std::string key = std::format("number {} {}", facts.whole, facts.multiple);
  for (const auto* bound : {&facts.low, &facts.high})
    key += *bound ? std::format(" {} {}", (*bound)->exclusive, common::dump_json((*bound)->value)) : " -";
  if (auto made = texts_.find(key); made != texts_.end()) return out.push_back({made->second});
  auto language = number_language(facts, expander_.work());
  if (!language) {
    const std::string& pointer = facts.low ? facts.low->pointer : facts.high ? facts.high->pointer : facts.multiple_pointer;
    return refusal().refuse(pointer, std::format("the range needs more than {} states or too much work", kMaxStates));
  }
  if (language->empty()) return;
  out.push_back({automaton(*language, false)});
  texts_.emplace(std::move(key), out.back().front());
}

}  // namespace worker::chat::schema
