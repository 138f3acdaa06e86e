#include "worker/chat/schema/rules.hpp"

#include <algorithm>
#include <format>
#include <ranges>

namespace worker::chat::schema {
namespace {

bool is_plain(char32_t c) { return (c >= U'0' && c <= U'9') || (c >= U'A' && c <= U'Z') || (c >= U'a' && c <= U'z'); }

std::string in_class(char32_t c) {
  auto code = static_cast<unsigned>(c);
  if (is_plain(c)) return std::string(1, static_cast<char>(c));
  if (code < 0x80) return std::format("\\x{:02X}", code);
  return code < 0x10000 ? std::format("\\u{:04X}", code) : std::format("\\U{:08X}", code);
}

}  // namespace

Item Item::times(std::size_t least, std::optional<std::size_t> most) const {
  Item repeated = *this;
  repeated.min = least;
  repeated.max = most;
  return repeated;
}

Item literal(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += std::format("\\x{:02X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return {.text = out + '"'};
}

Item terminal(std::string gbnf) { return {.text = std::move(gbnf)}; }

Item characters_of(const CharSet& set) {
  std::string out = "[";
  for (CharRange range : set.ranges()) {
    out += in_class(range.low);
    if (range.high > range.low + 1) out += '-';
    if (range.high > range.low) out += in_class(range.high);
  }
  return {.text = out + ']'};
}

Item Rules::add() {
  rules_.emplace_back();
  return {.rule = rules_.size() - 1};
}

Item Rules::add(std::vector<Sequence> alternatives) {
  Item rule = add();
  fill(rule, std::move(alternatives));
  return rule;
}

void Rules::prune() {
  for (Rule& rule : rules_) rule.produces = false;
  auto works = [this](const Sequence& sequence) {
    return std::ranges::all_of(sequence, [this](const Item& item) { return produces(item); });
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (Rule& rule : std::views::reverse(rules_)) {  // a rule mostly needs rules that were added after it
      if (rule.produces || std::ranges::none_of(rule.alternatives, works)) continue;
      rule.produces = changed = true;
    }
  }
  for (Rule& rule : rules_) {
    std::erase_if(rule.alternatives, [&](const Sequence& sequence) { return !works(sequence); });
    for (Sequence& sequence : rule.alternatives)
      std::erase_if(sequence, [this](const Item& item) { return (item.text.empty() && !rules_[item.rule].produces) || item.max == 0; });
  }
}

std::string Rules::name(const Item& rule) const { return rule.rule == 0 ? prefix_ : std::format("{}-{}", prefix_, rule.rule); }

std::string Rules::written(const Item& item) const {
  std::string what = item.text.empty() ? name(item) : item.text;
  if (item.min == 1 && item.max == 1) return what;
  if (item.min == 0 && item.max == 1) return what + "?";
  if (item.min <= 1 && !item.max) return what + (item.min == 0 ? "*" : "+");
  if (!item.max) return std::format("{}{{{},}}", what, item.min);
  return item.min == *item.max ? std::format("{}{{{}}}", what, item.min) : std::format("{}{{{},{}}}", what, item.min, *item.max);
}

std::string Rules::text(const Item& root) const {
  std::vector<bool> needed(rules_.size(), false);
  std::vector<std::size_t> order{root.rule};
  needed[root.rule] = true;
  std::string out;
  for (std::size_t i = 0; i < order.size(); ++i) {
    out += name({.rule = order[i]}) + " ::= ";
    const auto& alternatives = rules_[order[i]].alternatives;
    for (std::size_t a = 0; a < alternatives.size(); ++a) {
      if (a > 0) out += " | ";
      if (alternatives[a].empty()) out += "\"\"";  // written out: after a bare | libllama reads on into the next line
      for (std::size_t n = 0; n < alternatives[a].size(); ++n) {
        const Item& item = alternatives[a][n];
        if (n > 0) out += ' ';
        out += written(item);
        if (!item.text.empty() || needed[item.rule]) continue;
        needed[item.rule] = true;
        order.push_back(item.rule);
      }
    }
    out += '\n';
  }
  return out;
}

}  // namespace worker::chat::schema
