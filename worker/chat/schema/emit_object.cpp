#include <algorithm>
#include <format>
#include <map>

#include "worker/chat/schema/base_rules.hpp"
#include "worker/chat/schema/compare.hpp"
#include "worker/chat/schema/emit.hpp"
#include "worker/chat/schema/limits.hpp"

namespace worker::chat::schema {
namespace {

// Members in order, each optional one written or left out, with the commas between them. A state is how far the order has come and how
// many were written, as far as that number matters.
class MemberChain {
 public:
  struct Pair {
    Item item;
    bool required;
  };

  MemberChain(Rules& rules, std::vector<Pair> pairs, std::optional<Item> other, std::size_t min, std::optional<std::size_t> max)
      : rules_(rules),
        pairs_(std::move(pairs)),
        other_(std::move(other)),
        min_(min),
        max_(max),
        comma_(rules_.add({{literal(","), base("gap")}})) {
    if (other_) other_after_comma_ = rules_.add({{comma_, *other_}});
  }

  Item start() { return state(0, 0); }

 private:
  // Past the point where it matters, a count is as good as any other.
  std::size_t counted(std::size_t written) const { return std::min(written, std::max<std::size_t>({1, min_, max_.value_or(0)})); }

  Item state(std::size_t at, std::size_t written) {
    auto [found, added] = made_.try_emplace({at, written});
    if (!added) return found->second;
    Item rule = rules_.add();
    made_[{at, written}] = rule;
    rules_.fill(rule, at == pairs_.size() ? at_end(written) : at_pair(at, written));
    return rule;
  }

  std::vector<Sequence> at_pair(std::size_t at, std::size_t written) {
    std::vector<Sequence> ways;
    if (!max_ || written < *max_) {
      Sequence way;
      if (written > 0) way.push_back(comma_);
      way.push_back(pairs_[at].item);
      way.push_back(state(at + 1, counted(written + 1)));
      ways.push_back(std::move(way));
    }
    if (!pairs_[at].required) ways.push_back({state(at + 1, written)});
    return ways;
  }

  // Members of other names may repeat a name, so all of them together are sure to be no more than one.
  std::vector<Sequence> at_end(std::size_t written) const {
    std::size_t missing = min_ > written ? min_ - written : 0;
    std::vector<Sequence> ways;
    if (missing == 0) ways.push_back({});
    if (!other_ || missing > 1 || (max_ && written >= *max_)) return ways;
    auto left = max_ ? std::optional(*max_ - written) : std::nullopt;
    if (written > 0) {
      ways = {{other_after_comma_.times(missing, left)}};
    } else {
      ways.push_back({*other_, other_after_comma_.times(0, left ? std::optional(*left - 1) : std::nullopt)});
    }
    return ways;
  }

  Rules& rules_;
  std::vector<Pair> pairs_;
  std::optional<Item> other_;
  std::size_t min_;
  std::optional<std::size_t> max_;
  Item comma_, other_after_comma_;
  std::map<std::pair<std::size_t, std::size_t>, Item> made_;
};

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (!std::ranges::contains(names, name)) names.push_back(name);
}

bool describes_members(const ObjectFacts& facts) {
  return std::ranges::any_of(facts.parts, [](const auto& part) { return !part->properties.empty() || !part->patterns.empty(); });
}

// Of something that the object's names come from.
std::string pointer_of(const ObjectFacts& facts) {
  for (const auto& part : facts.parts) {
    if (!part->patterns.empty()) return part->patterns.front().second.pointer;
    if (!part->properties.empty()) return part->properties.front().second.pointer;
    if (part->additional) return part->additional->pointer;
  }
  return facts.names.empty() ? facts.min_pointer : facts.names.front().pointer;
}

}  // namespace

void Emitter::add_object(const ObjectFacts& facts, Alternatives& out) {
  if (facts.free()) return out.push_back({base("object")});
  if (facts.max && *facts.max < facts.min) return;
  Members all = members(facts);
  if (all.impossible || refusal().refused()) return;
  std::size_t counted = std::min(all.known.size(), std::max<std::size_t>({1, facts.min, facts.max.value_or(0)}));
  if (std::size_t states = all.known.size() * counted; states > kMaxRules)
    return refusal().refuse(pointer_of(facts), std::format("counting the members needs {} rules, the limit is {}", states, kMaxRules));
  if (facts.min > all.known.size() + 1 && !all.other.empty())
    return refusal().refuse(
        facts.min_pointer,
        std::format("only {} of {} members have names that are known, and others might repeat a name", all.known.size(), facts.min));
  std::vector<MemberChain::Pair> pairs;
  for (const Member& member : all.known)
    pairs.push_back({rules_.add({{literal(common::dump_json(member.name)), base("colon"), rule_for(member.schemas)}}), member.required});
  std::optional<Item> other;
  if (!all.other.empty()) other = rules_.add(all.other);
  if (pairs.empty() && !other) {
    if (facts.min == 0) out.push_back({literal("{"), base("gap"), literal("}")});
    return;
  }
  Item chain = MemberChain(rules_, std::move(pairs), other, facts.min, facts.max).start();
  out.push_back({literal("{"), base("gap"), chain, base("gap"), literal("}")});
}

Emitter::Members Emitter::members(const ObjectFacts& facts) {
  std::vector<std::string> order;
  for (const auto& part : facts.parts)
    for (const auto& [name, place] : part->properties) add_once(order, name);
  for (const std::string& name : facts.required) add_once(order, name);
  Members all;
  if (order.size() > kMaxMembers) {
    refusal().refuse(pointer_of(facts), std::format("an object with {} named members, the limit is {}", order.size(), kMaxMembers));
    return all;
  }
  for (const std::string& name : order) {
    Member member{name, member_schemas(facts, name), std::ranges::contains(facts.required, name)};
    bool never = std::ranges::contains(facts.forbidden, name) || is_never(member.schemas) ||
                 (!facts.names.empty() && fits(common::Json(name), facts.names, expander_) != Fit::yes);
    if (never && member.required) all.impossible = true;
    if (!never) all.known.push_back(std::move(member));
  }
  // Where a schema describes members without a word on others, only those it describes are written: they may be more, but a model that is
  // free to invent some will.
  bool described_only =
      describes_members(facts) && std::ranges::none_of(facts.parts, [](const auto& part) { return part->additional.has_value(); });
  bool has_patterns = std::ranges::any_of(facts.parts, [](const auto& part) { return !part->patterns.empty(); });
  if (!described_only || has_patterns || facts.min > all.known.size()) add_other_members(facts, all);
  return all;
}

// The names that are left are divided by the patterns that they match: each division has its own schemas.
void Emitter::add_other_members(const ObjectFacts& facts, Members& members) {
  struct Division {
    Language names;
    std::vector<bool> matches;
  };
  auto too_big = [&] {
    refusal().refuse(pointer_of(facts), std::format("the names that are left need more than {} states or too much work", kMaxStates));
  };
  auto names = names_language(facts);
  if (!names) return too_big();
  std::vector<Division> divisions{{*std::move(names), {}}};
  for (const auto& part : facts.parts) {
    for (const auto& [pattern, place] : part->patterns) {
      std::vector<Division> finer;
      Language outside = pattern->complement();
      for (Division& division : divisions) {
        for (bool matches : {true, false}) {
          auto divided = division.names.intersect(matches ? *pattern : outside, expander_.work());
          if (!divided) return too_big();
          if (divided->empty()) continue;
          finer.push_back({*std::move(divided), division.matches});
          finer.back().matches.push_back(matches);
        }
      }
      divisions = std::move(finer);
    }
  }
  bool described = describes_members(facts) && facts.min <= members.known.size();
  for (const Division& division : divisions) {
    Conjunction schemas;
    bool mentioned = false;
    std::size_t pattern = 0;
    for (const auto& part : facts.parts) {
      bool named = false;
      for (const auto& [language, place] : part->patterns) {
        if (!division.matches[pattern++]) continue;
        schemas.push_back(place);
        named = true;
      }
      if (!named && part->additional) schemas.push_back(*part->additional);
      mentioned |= named || part->additional.has_value();
    }
    if ((described && !mentioned) || is_never(schemas) || division.names.empty()) continue;
    members.other.push_back({string_rule(division.names), base("colon"), rule_for(schemas)});
  }
}

// Every name that is not known, narrowed by propertyNames.
std::optional<Language> Emitter::names_language(const ObjectFacts& facts) {
  std::vector<std::string> known = facts.forbidden;
  known.insert(known.end(), facts.required.begin(), facts.required.end());
  for (const auto& part : facts.parts)
    for (const auto& [name, place] : part->properties) known.push_back(name);
  std::optional<Language> names = known.empty() ? Language::all() : Language::of(known).complement();
  if (names->states().size() > kMaxStates) return std::nullopt;
  if (facts.names.empty()) return names;
  std::optional<Language> allowed = Language();
  const std::vector<Case>* cases = expander_.cases(facts.names);
  for (std::size_t i = 0; cases && i < cases->size() && allowed; ++i) {
    const Case& one = (*cases)[i];
    if (!(one.kinds & kString)) continue;
    std::optional<Language> some;
    if (one.allowed) {
      std::vector<std::string> strings;
      for (const common::Json& value : *one.allowed)
        if (value.is_string() && fits(value, one, expander_) == Fit::yes) strings.push_back(value.get<std::string>());
      some = Language::of(strings);
    } else {
      some = string_language(one.string);
    }
    allowed = some ? allowed->unite(*some, expander_.work()) : std::nullopt;
  }
  return allowed ? names->intersect(*allowed, expander_.work()) : std::nullopt;
}

}  // namespace worker::chat::schema
