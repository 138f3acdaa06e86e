#include "worker/chat/schema/language.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "worker/chat/schema/limits.hpp"

namespace worker::chat::schema {
namespace {

constexpr int kNowhere = -1;
constexpr std::size_t kMergeUpTo = 400;  // merging is quadratic; long chains, which have nothing to merge, are left alone

using State = Language::State;
using Edge = Language::Edge;

int target(const State& state, char32_t character) {
  for (const Edge& edge : state.edges)
    if (edge.on.low <= character && character <= edge.on.high) return edge.to;
  return kNowhere;
}

// The places where some edge begins or the one before it has ended.
void add_cuts(const std::vector<Edge>& edges, std::vector<char32_t>& cuts) {
  for (const Edge& edge : edges) {
    cuts.push_back(edge.on.low);
    cuts.push_back(edge.on.high + 1);
  }
}

void add_edge(std::vector<Edge>& edges, Edge edge) {
  if (!edges.empty() && edges.back().to == edge.to && edges.back().on.high + 1 == edge.on.low) {
    edges.back().on.high = edge.on.high;
  } else {
    edges.push_back(edge);
  }
}

std::vector<Edge> edges_to(const CharSet& set, int to) {
  std::vector<Edge> edges;
  for (CharRange range : set.ranges()) edges.push_back({range, to});
  return edges;
}

}  // namespace

Language::Language(std::vector<State> states, WorkLeft* work) : states_(std::move(states)) {
  drop_dead_ends();
  if (states_.size() <= kMergeUpTo) merge_equal_states(work);
}

Language Language::all() { return Language({State{edges_to(CharSet::all(), 0), true}}); }

Language Language::of_length(std::size_t min, std::optional<std::size_t> max) {
  std::size_t last = max.value_or(min);
  if (last < min) return {};
  std::vector<State> states(last + 1);
  for (std::size_t i = 0; i <= last; ++i) {
    states[i].accepts = i >= min;
    if (i < last) states[i].edges = edges_to(CharSet::all(), static_cast<int>(i + 1));
  }
  if (!max) states[last].edges = edges_to(CharSet::all(), static_cast<int>(last));
  return Language(std::move(states));
}

Language Language::of(const std::vector<std::string>& strings) {
  std::vector<std::map<char32_t, int>> tree(1);
  std::vector<bool> accepts(1, false);
  for (const std::string& string : strings) {
    int at = 0;
    for (char32_t character : characters(string)) {
      auto [next, added] = tree[static_cast<std::size_t>(at)].try_emplace(character, static_cast<int>(tree.size()));
      at = next->second;
      if (added) {
        tree.emplace_back();
        accepts.push_back(false);
      }
    }
    accepts[static_cast<std::size_t>(at)] = true;
  }
  std::vector<State> states(tree.size());
  for (std::size_t i = 0; i < tree.size(); ++i) {
    states[i].accepts = accepts[i];
    for (auto [character, to] : tree[i]) states[i].edges.push_back({{character, character}, to});
  }
  return Language(std::move(states));
}

Language Language::multiples_of(std::size_t divisor) {
  // State r + 1: what was read so far leaves r when divided. State 0: nothing was read.
  std::vector<State> states(divisor + 1);
  for (std::size_t i = 0; i <= divisor; ++i) {
    std::size_t rest = i == 0 ? 0 : i - 1;
    states[i].accepts = i == 1;
    for (char32_t digit = 0; digit < 10; ++digit) {
      char32_t on = U'0' + digit;
      add_edge(states[i].edges, {{on, on}, static_cast<int>((rest * 10 + digit) % divisor) + 1});
    }
  }
  return Language(std::move(states));
}

bool Language::contains(std::string_view utf8) const {
  if (empty()) return false;
  int at = 0;
  for (char32_t character : characters(utf8)) {
    at = target(states_[static_cast<std::size_t>(at)], character);
    if (at == kNowhere) return false;
  }
  return states_[static_cast<std::size_t>(at)].accepts;
}

Language Language::complement() const {
  if (empty()) return all();
  std::vector<State> states = states_;
  int anything = static_cast<int>(states.size());
  for (State& state : states) {
    state.accepts = !state.accepts;
    CharSet taken;
    for (const Edge& edge : state.edges) taken.add(edge.on);
    for (CharRange range : taken.complement().ranges()) state.edges.push_back({range, anything});
    std::ranges::sort(state.edges, {}, [](const Edge& edge) { return edge.on.low; });
  }
  states.push_back(State{edges_to(CharSet::all(), anything), true});
  return Language(std::move(states));
}

std::optional<Language> Language::intersect(const Language& other, WorkLeft& work) const { return combine(other, true, work); }
std::optional<Language> Language::unite(const Language& other, WorkLeft& work) const { return combine(other, false, work); }

// The usual product: a state stands for one state of each side, or for none where that side has already said no.
std::optional<Language> Language::combine(const Language& other, bool both, WorkLeft& work) const {
  if (both && (empty() || other.empty())) return Language();
  if (!both && empty()) return other;
  if (!both && other.empty()) return *this;
  using Pair = std::pair<int, int>;
  static const State nothing;
  std::vector<Pair> pairs{{0, 0}};
  std::map<Pair, int> numbers{{{0, 0}, 0}};
  std::vector<State> states;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    auto [left, right] = pairs[i];
    const State& a = left == kNowhere ? nothing : states_[static_cast<std::size_t>(left)];
    const State& b = right == kNowhere ? nothing : other.states_[static_cast<std::size_t>(right)];
    State state;
    state.accepts = both ? a.accepts && b.accepts : a.accepts || b.accepts;
    std::vector<char32_t> cuts;
    add_cuts(a.edges, cuts);
    add_cuts(b.edges, cuts);
    std::ranges::sort(cuts);
    if (!work.spend(1 + cuts.size())) return std::nullopt;
    for (std::size_t c = 0; c + 1 < cuts.size(); ++c) {
      if (cuts[c] == cuts[c + 1]) continue;
      Pair next{target(a, cuts[c]), target(b, cuts[c])};
      if (both ? next.first == kNowhere || next.second == kNowhere : next.first == kNowhere && next.second == kNowhere) continue;
      auto [found, added] = numbers.try_emplace(next, static_cast<int>(pairs.size()));
      if (added) pairs.push_back(next);
      add_edge(state.edges, {{cuts[c], cuts[c + 1] - 1}, found->second});
    }
    states.push_back(std::move(state));
    if (pairs.size() > 4 * kMaxStates) return std::nullopt;
  }
  Language result(std::move(states), &work);
  if (result.states_.size() > kMaxStates) return std::nullopt;
  return result;
}

void Language::drop_dead_ends() {
  std::size_t count = states_.size();
  std::vector<std::vector<int>> from(count);
  std::vector<bool> alive(count, false);
  std::vector<int> waiting;
  for (std::size_t i = 0; i < count; ++i) {
    for (const Edge& edge : states_[i].edges) from[static_cast<std::size_t>(edge.to)].push_back(static_cast<int>(i));
    if (states_[i].accepts) {
      alive[i] = true;
      waiting.push_back(static_cast<int>(i));
    }
  }
  while (!waiting.empty()) {
    int at = waiting.back();
    waiting.pop_back();
    for (int before : from[static_cast<std::size_t>(at)]) {
      if (alive[static_cast<std::size_t>(before)]) continue;
      alive[static_cast<std::size_t>(before)] = true;
      waiting.push_back(before);
    }
  }
  if (count == 0 || !alive[0]) return states_.clear();
  // Numbered again in the order in which the start reaches them.
  std::vector<int> number(count, kNowhere);
  std::vector<State> kept;
  std::vector<std::size_t> order{0};
  number[0] = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    State state;
    state.accepts = states_[order[i]].accepts;
    for (Edge edge : states_[order[i]].edges) {
      auto to = static_cast<std::size_t>(edge.to);
      if (!alive[to]) continue;
      if (number[to] == kNowhere) {
        number[to] = static_cast<int>(order.size());
        order.push_back(to);
      }
      add_edge(state.edges, {edge.on, number[to]});
    }
    kept.push_back(std::move(state));
  }
  states_ = std::move(kept);
}

// Moore's refinement: states are told apart by what they accept, then by where their edges lead, until nothing changes.
void Language::merge_equal_states(WorkLeft* work) {
  if (states_.empty()) return;
  std::size_t cost = 0;  // of one round
  for (const State& state : states_) cost += 1 + state.edges.size();
  std::vector<int> group(states_.size());
  for (std::size_t i = 0; i < states_.size(); ++i) group[i] = states_[i].accepts ? 1 : 0;
  auto signature = [&](std::size_t i) {
    std::vector<Edge> edges;
    for (Edge edge : states_[i].edges) add_edge(edges, {edge.on, group[static_cast<std::size_t>(edge.to)]});
    std::vector<std::pair<char32_t, std::pair<char32_t, int>>> sign{{0, {0, group[i]}}};
    for (const Edge& edge : edges) sign.push_back({edge.on.low, {edge.on.high, edge.to}});
    return sign;
  };
  for (std::size_t groups = 0;;) {
    if (work && !work->spend(cost)) return;
    std::map<std::vector<std::pair<char32_t, std::pair<char32_t, int>>>, int> numbers;
    std::vector<int> next(states_.size());
    for (std::size_t i = 0; i < states_.size(); ++i)
      next[i] = numbers.try_emplace(signature(i), static_cast<int>(numbers.size())).first->second;
    group = std::move(next);
    if (numbers.size() == groups) break;
    groups = numbers.size();
  }
  std::vector<State> merged(static_cast<std::size_t>(std::ranges::max(group)) + 1);
  for (std::size_t i = states_.size(); i-- > 0;) {
    State state;
    state.accepts = states_[i].accepts;
    for (Edge edge : states_[i].edges) add_edge(state.edges, {edge.on, group[static_cast<std::size_t>(edge.to)]});
    merged[static_cast<std::size_t>(group[i])] = std::move(state);
  }
  states_ = std::move(merged);  // state 0 was numbered first, so it is group 0
}

}  // namespace worker::chat::schema
