#include "tests/support/gbnf.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <vector>

namespace support {
namespace {

constexpr std::size_t kEndless = std::numeric_limits<std::size_t>::max();
constexpr double kNever = 1e9;  // the cost of what derives nothing

struct Node {
  enum class What { one_of, rule, sequence, choice, repeat } what = What::sequence;
  std::vector<std::pair<char32_t, char32_t>> ranges;
  bool negated = false;
  std::size_t rule = 0;
  std::vector<Node> children;
  std::size_t min = 0, max = kEndless;
};

std::u32string decode(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    auto lead = static_cast<unsigned char>(text[i++]);
    int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    char32_t c = more == 0 ? lead : lead & (0x3F >> more);
    for (; more > 0 && i < text.size(); --more) c = c << 6 | (static_cast<unsigned char>(text[i++]) & 0x3F);
    out.push_back(c);
  }
  return out;
}

void encode(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
    return;
  }
  int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  out += static_cast<char>(((0xFF00 >> (more + 1)) & 0xFF) | c >> (6 * more));
  while (more-- > 0) out += static_cast<char>(0x80 | (c >> (6 * more) & 0x3F));
}

class Parser {
 public:
  Parser(std::string_view text, std::vector<Node>& rules, std::map<std::u32string, std::size_t>& names)
      : text_(decode(text)), rules_(rules), names_(names) {}

  void run() {
    std::set<std::size_t> defined;
    for (skip(true); at_ < text_.size(); skip(true)) {
      std::size_t rule = number(name());
      skip(false);
      for (char32_t c : U"::=")
        if (c != 0 && get() != c) fail("::= expected");
      skip(true);
      if (!defined.insert(rule).second) fail("a rule defined twice");
      Node body = choice(false);
      rules_[rule] = std::move(body);
    }
    if (defined.size() != names_.size()) fail("a rule that is used but not defined");
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw std::runtime_error("grammar at character " + std::to_string(at_) + ": " + why);
  }
  char32_t peek() const { return at_ < text_.size() ? text_[at_] : 0; }
  char32_t get() {
    if (at_ >= text_.size()) fail("it ends too early");
    return text_[at_++];
  }
  void skip(bool lines) {
    while (at_ < text_.size() && (peek() == ' ' || peek() == '\t' || (lines && peek() == '\n'))) ++at_;
  }
  static bool in_name(char32_t c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-'; }
  std::u32string name() {
    std::u32string out;
    while (in_name(peek())) out += get();
    if (out.empty()) fail("a name expected");
    return out;
  }
  std::size_t number(const std::u32string& name) {
    auto [found, added] = names_.try_emplace(name, rules_.size());
    if (added) rules_.emplace_back();
    return found->second;
  }

  Node choice(bool nested) {
    Node out{.what = Node::What::choice};
    out.children.push_back(sequence(nested));
    while (peek() == '|') {
      get();
      skip(true);
      out.children.push_back(sequence(nested));
    }
    return out;
  }

  Node sequence(bool nested) {
    Node out;
    for (;;) {
      char32_t c = peek();
      if (c == '"') {
        out.children.push_back(text());
      } else if (c == '[') {
        out.children.push_back(char_class());
      } else if (c == '(') {
        get();
        skip(true);
        out.children.push_back(choice(true));
        if (get() != ')') fail(") expected");
      } else if (in_name(c)) {
        Node rule{.what = Node::What::rule};
        rule.rule = number(name());
        out.children.push_back(std::move(rule));
      } else if (c == '*' || c == '+' || c == '?' || c == '{') {
        if (out.children.empty()) fail("nothing to repeat");
        Node repeat{.what = Node::What::repeat};
        bounds(repeat);
        repeat.children.push_back(std::move(out.children.back()));
        out.children.back() = std::move(repeat);
      } else {
        return out;
      }
      skip(nested);
    }
  }

  void bounds(Node& repeat) {
    char32_t c = get();
    if (c == '+') repeat.min = 1;
    if (c == '?') repeat.max = 1;
    if (c != '{') return;
    repeat.min = repeat.max = count();
    if (peek() == ',') {
      get();
      repeat.max = peek() == '}' ? kEndless : count();
    }
    if (get() != '}') fail("} expected");
    if (repeat.min >= 2000 || (repeat.max != kEndless && repeat.max >= 2000)) fail("more repetitions than libllama accepts");
  }
  std::size_t count() {
    std::size_t value = 0;
    if (peek() < '0' || peek() > '9') fail("a number expected");
    while (peek() >= '0' && peek() <= '9') value = value * 10 + (get() - '0');
    return value;
  }

  Node text() {
    Node out;
    get();
    while (peek() != '"') {
      char32_t c = character();
      Node one{.what = Node::What::one_of};
      one.ranges.emplace_back(c, c);
      out.children.push_back(std::move(one));
    }
    get();
    return out;
  }

  Node char_class() {
    Node out{.what = Node::What::one_of};
    get();
    if (peek() == '^') {
      get();
      out.negated = true;
    }
    while (peek() != ']') {
      char32_t low = character(), high = low;
      if (peek() == '-' && at_ + 1 < text_.size() && text_[at_ + 1] != ']') {
        get();
        high = character();
      }
      out.ranges.emplace_back(low, high);
    }
    get();
    return out;
  }

  char32_t character() {
    char32_t c = get();
    if (c == '\n') fail("a line break in a terminal");
    if (c != '\\') return c;
    switch (char32_t e = get()) {
      case 'x': return hex(2);
      case 'u': return hex(4);
      case 'U': return hex(8);
      case 'n': return '\n';
      case 'r': return '\r';
      case 't': return '\t';
      case '\\':
      case '"':
      case '[':
      case ']': return e;
      default: fail("an unknown escape");
    }
  }
  char32_t hex(int digits) {
    char32_t value = 0;
    while (digits-- > 0) {
      char32_t c = get(), lower = c | 0x20;
      if (c >= '0' && c <= '9') {
        value = value * 16 + (c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        value = value * 16 + (lower - 'a' + 10);
      } else {
        fail("a hexadecimal digit expected");
      }
    }
    return value;
  }

  std::u32string text_;
  std::size_t at_ = 0;
  std::vector<Node>& rules_;
  std::map<std::u32string, std::size_t>& names_;
};

// Where a derivation that begins at some place may end: every place, without repetition.
class Matcher {
 public:
  Matcher(const std::vector<Node>& rules, std::u32string text) : rules_(rules), text_(std::move(text)) {}
  bool whole(std::size_t root) { return std::ranges::contains(rule_ends(root, 0), text_.size()); }

 private:
  using Ends = std::set<std::size_t>;

  const Ends& rule_ends(std::size_t rule, std::size_t from) {
    auto [found, added] = known_.try_emplace({rule, from});
    if (added) {
      Ends result = ends(rules_[rule], from);
      return known_[{rule, from}] = std::move(result);
    }
    return found->second;
  }

  Ends ends(const Node& node, std::size_t from) {
    switch (node.what) {
      case Node::What::one_of: {
        if (from >= text_.size()) return {};
        char32_t c = text_[from];
        bool in = std::ranges::any_of(node.ranges, [&](auto range) { return range.first <= c && c <= range.second; });
        return in != node.negated ? Ends{from + 1} : Ends{};
      }
      case Node::What::rule: return rule_ends(node.rule, from);
      case Node::What::choice: {
        Ends all;
        for (const Node& child : node.children) all.merge(ends(child, from));
        return all;
      }
      case Node::What::sequence: {
        Ends at{from};
        for (const Node& child : node.children) at = step(child, at);
        return at;
      }
      case Node::What::repeat: {
        Ends at{from}, all;
        for (std::size_t i = 0;; ++i) {
          if (i >= node.min) {
            std::size_t before = all.size();
            all.insert(at.begin(), at.end());
            if (all.size() == before) break;
          }
          if (at.empty() || i == node.max) break;
          at = step(node.children.front(), at);
        }
        return all;
      }
    }
    return {};
  }

  Ends step(const Node& node, const Ends& from) {
    Ends all;
    for (std::size_t at : from) all.merge(ends(node, at));
    return all;
  }

  const std::vector<Node>& rules_;
  std::u32string text_;
  std::map<std::pair<std::size_t, std::size_t>, Ends> known_;
};

}  // namespace

struct Gbnf::Impl {
  std::vector<Node> rules;
  std::size_t root = 0;
  std::vector<double> costs;  // of the cheapest derivation of each rule, in characters

  double cost(const Node& node) const {
    switch (node.what) {
      case Node::What::one_of: return 1;
      case Node::What::rule: return costs[node.rule] + 0.01;
      case Node::What::repeat: return node.min == 0 ? 0 : static_cast<double>(node.min) * cost(node.children.front());
      case Node::What::sequence: {
        double sum = 0;
        for (const Node& child : node.children) sum += cost(child);
        return sum;
      }
      case Node::What::choice: {
        double least = kNever;
        for (const Node& child : node.children) least = std::min(least, cost(child));
        return least;
      }
    }
    return kNever;
  }

  void find_costs() {
    costs.assign(rules.size(), kNever);
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = 0; i < rules.size(); ++i) {
        double now = std::min(kNever, cost(rules[i]));
        changed |= now < costs[i];
        costs[i] = std::min(costs[i], now);
      }
    }
    if (costs[root] >= kNever) throw std::runtime_error("the grammar derives nothing");
  }

  // Free while the text is short, then straight to the end.
  void derive(const Node& node, std::mt19937_64& random, std::string& out) const {
    bool hurry = out.size() > 120;
    auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    switch (node.what) {
      case Node::What::one_of: return encode(out, pick(node, random));
      case Node::What::rule: return derive(rules[node.rule], random, out);
      case Node::What::sequence:
        for (const Node& child : node.children) derive(child, random, out);
        return;
      case Node::What::choice: {
        std::vector<const Node*> able;
        for (const Node& child : node.children)
          if (cost(child) < kNever) able.push_back(&child);
        if (hurry) return derive(**std::ranges::min_element(able, {}, [&](const Node* child) { return cost(*child); }), random, out);
        return derive(*able[below(able.size())], random, out);
      }
      case Node::What::repeat: {
        std::size_t times = node.min;
        bool able = cost(node.children.front()) < kNever;
        while (able && !hurry && times < node.max && below(3) != 0) ++times;
        if (able && !hurry && node.max != kEndless && below(8) == 0) times = node.max > node.min + 60 ? node.min : node.max;
        for (std::size_t i = 0; i < times; ++i) derive(node.children.front(), random, out);
        return;
      }
    }
  }

  static char32_t pick(const Node& node, std::mt19937_64& random) {
    if (node.negated) {
      for (;;) {
        char32_t c = static_cast<char32_t>(0x20 + random() % 0x5F);
        if (std::ranges::none_of(node.ranges, [&](auto range) { return range.first <= c && c <= range.second; })) return c;
      }
    }
    auto [low, high] = node.ranges[random() % node.ranges.size()];
    std::uint64_t width = high - low + 1;
    return low + static_cast<char32_t>(random() % (random() % 2 == 0 ? std::min<std::uint64_t>(width, 40) : width));
  }
};

Gbnf::Gbnf(std::string_view grammar, std::string_view root) : impl_(std::make_unique<Impl>()) {
  std::map<std::u32string, std::size_t> names;
  Parser(grammar, impl_->rules, names).run();
  auto found = names.find(decode(root));
  if (found == names.end()) throw std::runtime_error("the grammar has no root");
  impl_->root = found->second;
  impl_->find_costs();
}
Gbnf::~Gbnf() = default;
Gbnf::Gbnf(Gbnf&&) noexcept = default;

bool Gbnf::derives(std::string_view text) const { return Matcher(impl_->rules, decode(text)).whole(impl_->root); }

std::string Gbnf::generate(std::uint64_t seed) const {
  std::mt19937_64 random(seed);
  std::string out;
  impl_->derive(impl_->rules[impl_->root], random, out);
  return out;
}

}  // namespace support
