#include "worker/chat/schema/regex.hpp"

#include <algorithm>
#include <format>
#include <map>
#include <utility>

#include "worker/chat/schema/limits.hpp"
#include "worker/chat/schema/regex_tree.hpp"

namespace worker::chat::schema {
namespace {

constexpr std::size_t kMaxNodes = 4 * kMaxStates;  // of the automaton before it is made deterministic

// Free moves may be open only at the begin or the end of the text: that is all there is to anchors.
enum class When { always, at_begin, at_end };

struct Move {
  When when;
  int to;
};

struct Node {
  std::vector<Move> free;
  CharSet on;  // a move that reads a character
  int to = 0;
};

// Thompson's construction: each piece leads from one node to another.
class Builder {
 public:
  Builder() {
    start_ = add();
    int body = add();
    // Searched for: anything may stand before and after.
    read(start_, CharSet::all(), start_);
    free(start_, body);
    final_ = add();
    read(final_, CharSet::all(), final_);
    body_ = body;
  }

  bool build(const RegexNode& tree) {
    int end = lead(tree, body_);
    free(end, final_);
    return !too_big();
  }
  bool too_big() const { return nodes_.size() > kMaxNodes; }
  const std::vector<Node>& nodes() const { return nodes_; }
  int start() const { return start_; }
  int final() const { return final_; }

 private:
  Node& node(int number) { return nodes_[static_cast<std::size_t>(number)]; }
  int add() {
    nodes_.emplace_back();
    return static_cast<int>(nodes_.size()) - 1;
  }
  void free(int from, int to, When when = When::always) { node(from).free.push_back({when, to}); }
  void read(int from, const CharSet& on, int to) {
    node(from).on = on;
    node(from).to = to;
  }

  int lead(const RegexNode& tree, int from) {
    if (too_big()) return from;
    int end = from;
    switch (tree.what) {
      case RegexNode::What::characters: {
        int reader = add();
        end = add();
        free(from, reader);
        read(reader, tree.set, end);
        break;
      }
      case RegexNode::What::sequence:
        for (const RegexNode& child : tree.children) end = lead(child, end);
        break;
      case RegexNode::What::choice: {
        std::vector<int> ends;
        for (const RegexNode& child : tree.children) {
          int begin = add();
          free(from, begin);
          ends.push_back(lead(child, begin));
        }
        end = add();
        for (int branch : ends) free(branch, end);
        break;
      }
      case RegexNode::What::repeat: end = repeat(tree, from); break;
      case RegexNode::What::begin:
        end = add();
        free(from, end, When::at_begin);
        break;
      case RegexNode::What::end:
        end = add();
        free(from, end, When::at_end);
        break;
    }
    return end;
  }

  int repeat(const RegexNode& tree, int from) {
    const RegexNode& item = tree.children.front();
    int end = from;
    for (std::size_t i = 0; i < tree.min; ++i) end = lead(item, end);
    if (!tree.max) {
      int loop = add();
      free(end, loop);
      free(lead(item, loop), loop);
      return loop;
    }
    int out = add();
    for (std::size_t i = tree.min; i < *tree.max && !too_big(); ++i) {
      free(end, out);
      int begin = add();
      free(end, begin);
      end = lead(item, begin);
    }
    free(end, out);
    return out;
  }

  std::vector<Node> nodes_;
  int start_ = 0, body_ = 0, final_ = 0;
};

// The subset construction. A state is the set of nodes where the search may stand.
class Determiner {
 public:
  Determiner(const Builder& nfa, WorkLeft& work) : nfa_(nfa), work_(work) {}

  std::optional<Language> run() {
    number(close({nfa_.start()}, When::at_begin));
    std::vector<Language::State> states;
    for (std::size_t i = 0; i < sets_.size(); ++i) {
      Set set = sets_[i];
      Language::State state;
      state.accepts = accepts(set, i == 0);
      if (!follow(set, state)) return std::nullopt;
      states.push_back(std::move(state));
      if (sets_.size() > 4 * kMaxStates) return std::nullopt;
    }
    Language language(std::move(states), &work_);
    if (language.states().size() > kMaxStates) return std::nullopt;
    return language;
  }

 private:
  using Set = std::vector<int>;  // ascending

  const Node& node(int number) const { return nfa_.nodes()[static_cast<std::size_t>(number)]; }

  Set close(Set set, When open) const {
    std::vector<bool> in(nfa_.nodes().size(), false);
    for (int at : set) in[static_cast<std::size_t>(at)] = true;
    for (std::size_t i = 0; i < set.size(); ++i) {
      for (Move move : node(set[i]).free) {
        if ((move.when != When::always && move.when != open) || in[static_cast<std::size_t>(move.to)]) continue;
        in[static_cast<std::size_t>(move.to)] = true;
        set.push_back(move.to);
      }
    }
    std::ranges::sort(set);
    return set;
  }

  // At the begin of an empty text both anchors hold; what one opens may stand before the other.
  bool accepts(Set set, bool at_begin) const {
    for (std::size_t before = 0; before != set.size();) {
      before = set.size();
      set = close(std::move(set), When::at_end);
      if (at_begin) set = close(std::move(set), When::at_begin);
    }
    return std::ranges::binary_search(set, nfa_.final());
  }

  bool follow(const Set& set, Language::State& state) {
    std::vector<char32_t> cuts;
    for (int at : set) {
      for (CharRange range : node(at).on.ranges()) {
        cuts.push_back(range.low);
        cuts.push_back(range.high + 1);
      }
    }
    std::ranges::sort(cuts);
    cuts.erase(std::ranges::unique(cuts).begin(), cuts.end());
    for (std::size_t c = 0; c + 1 < cuts.size(); ++c) {
      if (!work_.spend(1 + set.size() + nfa_.nodes().size() / 32)) return false;
      Set next;
      for (int at : set)
        if (node(at).on.contains(cuts[c])) next.push_back(node(at).to);
      if (next.empty()) continue;
      std::ranges::sort(next);
      next.erase(std::ranges::unique(next).begin(), next.end());
      next = close(std::move(next), When::always);
      state.edges.push_back({{cuts[c], cuts[c + 1] - 1}, number(std::move(next))});
    }
    return true;
  }

  int number(Set set) {
    auto [found, added] = numbers_.try_emplace(std::move(set), static_cast<int>(sets_.size()));
    if (added) sets_.push_back(found->first);
    return found->second;
  }

  const Builder& nfa_;
  WorkLeft& work_;
  std::vector<Set> sets_;
  std::map<Set, int> numbers_;
};

}  // namespace

common::Result<Language> find_regex(std::string_view pattern, WorkLeft& work) {
  auto tree = parse_regex(pattern);
  if (!tree) return common::fail(tree.error());
  Builder nfa;
  std::optional<Language> language;
  if (nfa.build(*tree)) language = Determiner(nfa, work).run();
  if (!language)
    return common::fail(common::ErrorKind::bad_request, std::format("the pattern needs more than {} states or too much work", kMaxStates));
  return *std::move(language);
}

}  // namespace worker::chat::schema
