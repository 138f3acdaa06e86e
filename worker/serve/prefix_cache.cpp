#include "worker/serve/prefix_cache.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace worker::serve {

std::size_t common_prefix(Tokens a, Tokens b) {
  auto [end, ignored] = std::ranges::mismatch(a, b);
  return static_cast<std::size_t>(end - a.begin());
}

std::size_t distinct_tokens(std::span<const Tokens> sequences) {
  std::size_t all = 0;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    std::size_t shared = 0;
    for (const Tokens& before : sequences.first(i)) shared = std::max(shared, common_prefix(before, sequences[i]));
    all += sequences[i].size() - shared;
  }
  return all;
}

void SavedStates::put(SavedState state) {
  if (!would_take(state.bytes.size())) return;
  for (auto old = states_.begin(); old != states_.end();) {
    const bool continued = old->owner == state.owner && common_prefix(old->tokens, state.tokens) == old->tokens.size();
    old = continued ? drop(old) : std::next(old);
  }
  bytes_ += state.bytes.size();
  states_.push_front(std::move(state));
  limit(budget_);
}

void SavedStates::limit(std::size_t budget_bytes) {
  budget_ = budget_bytes;
  while (bytes_ > budget_) drop(std::prev(states_.end()));
}

std::list<SavedState>::iterator SavedStates::drop(std::list<SavedState>::iterator old) {
  bytes_ -= old->bytes.size();
  return states_.erase(old);
}

std::list<SavedState>::const_iterator SavedStates::best(Tokens prompt, bool whole) const {
  auto best = states_.end();
  std::size_t most = 0;
  for (auto state = states_.begin(); state != states_.end(); ++state) {
    std::size_t shared = common_prefix(prompt, state->tokens);
    if (whole && (shared < state->tokens.size() || shared == prompt.size())) continue;
    if (shared > most) {
      most = shared;
      best = state;
    }
  }
  return best;
}

const SavedState* SavedStates::find(Tokens prompt, bool whole) {
  const auto found = best(prompt, whole);
  if (found == states_.end()) return nullptr;
  states_.splice(states_.begin(), states_, found);
  return &states_.front();
}

std::size_t SavedStates::shared_with(Tokens prompt, bool whole) const {
  const auto found = best(prompt, whole);
  return found == states_.end() ? 0 : common_prefix(prompt, found->tokens);
}

bool SavedStates::holds(Tokens tokens, std::string_view owner) const {
  return std::ranges::any_of(
      states_, [&](const SavedState& state) { return state.owner == owner && common_prefix(tokens, state.tokens) == tokens.size(); });
}

std::list<SavedState> SavedStates::give_up() {
  bytes_ = 0;
  return std::exchange(states_, {});
}

namespace {

// How many tokens of the prompt a sequence that holds `tokens` saves. One token is always evaluated: its logits are wanted.
std::size_t useful(Tokens prompt, Tokens tokens, const PlacementRules& rules) {
  if (!rules.reuses) return 0;
  std::size_t shared = common_prefix(prompt, tokens);
  if (rules.whole_only) return shared == tokens.size() && shared < prompt.size() ? shared : 0;
  return std::min(shared, prompt.size() - 1);
}

// Whether what the sequence holds beyond `reused` would be lost although it is worth something.
bool worth_saving(const Kept& slot, std::size_t reused, std::span<const Kept> kept, const PlacementRules& rules) {
  // What somebody else goes on with is lost to its owner.
  if (slot.owner != rules.owner) reused = 0;
  if (slot.tokens.size() < reused + rules.worth_saving) return false;
  return std::ranges::none_of(kept, [&](const Kept& other) {
    return other.sequence != slot.sequence && other.owner == slot.owner && common_prefix(slot.tokens, other.tokens) == slot.tokens.size();
  });
}

}  // namespace

std::size_t tokens_worth_copying(const CopyCosts& costs) {
  constexpr std::uint64_t kLeast = 4;
  // So many tokens of a prompt at most, which share one reading of the weights, are evaluated in the time that this reading takes: 3 where
  // a processor has no matrix instructions, some 60 on a large card. A copy reads and writes.
  const std::uint64_t tokens_per_reading = costs.on_processor ? 8 : 64;
  if (costs.cache_bytes == 0) return kLeast;
  if (costs.weights_bytes == 0) return PlacementRules().worth_copying;
  return std::max(kLeast, 2 * tokens_per_reading * costs.cache_bytes / costs.weights_bytes);
}

bool worth_waiting(Tokens prompt, std::size_t held, const Reader& reader, std::size_t per_turn, const PlacementRules& rules) {
  if (!rules.reuses || rules.whole_only || per_turn == 0) return false;
  const std::size_t shared = std::min(common_prefix(prompt, reader.text), prompt.size() - 1);
  if (shared <= reader.evaluated || shared < held + rules.worth_copying) return false;
  const std::size_t turns = (shared - reader.evaluated + per_turn - 1) / per_turn;
  const std::size_t left = reader.text.size() - reader.evaluated, before = std::min(left, turns * per_turn);
  const std::size_t own = prompt.size() - held, rest = prompt.size() - shared;
  return before + rest + std::min(rest, left - before) <= own + std::min(own, left);
}

std::size_t best_kept(Tokens prompt, std::span<const Kept> kept, const PlacementRules& rules) {
  std::size_t best = 0;
  for (const Kept& slot : kept) best = std::max(best, useful(prompt, slot.tokens, rules));
  return best;
}

Placement place(Tokens prompt, std::span<const Kept> kept, std::size_t saved_prefix, const PlacementRules& rules) {
  assert(!prompt.empty());
  const Kept* home = nullptr;    // the free slot that holds most of the prompt
  const Kept* source = nullptr;  // any slot that does
  const Kept* oldest = nullptr;  // the free slot that was used longest ago
  std::size_t at_home = 0, at_source = 0;
  for (const Kept& slot : kept) {
    std::size_t shared = useful(prompt, slot.tokens, rules);
    if (slot.free && (!home || shared > at_home)) home = &slot, at_home = shared;
    if (slot.free && (!oldest || slot.last_used < oldest->last_used)) oldest = &slot;
    if (!source || shared > at_source) source = &slot, at_source = shared;
  }
  assert(oldest);
  saved_prefix = rules.reuses ? std::min(saved_prefix, prompt.size() - 1) : 0;

  // A conversation that goes on stays where it is. Its slot may hold a little that the prompt has not: templates drop old thoughts.
  const std::size_t lost = home->tokens.size() - at_home;
  bool goes_on = at_home > 0 && home->owner == rules.owner && (lost < rules.worth_saving || lost * 4 <= at_home);
  const std::size_t worth_leaving = goes_on ? std::max(rules.worth_copying, rules.worth_restoring) : rules.worth_copying;
  const bool more_elsewhere = at_source >= at_home + worth_leaving || saved_prefix > at_home + rules.worth_restoring;
  if ((goes_on || home == oldest) && !more_elsewhere) {
    return {.sequence = home->sequence,
            .from = at_home > 0 ? Placement::From::itself : Placement::From::nothing,
            .reused = at_home,
            .save_before = worth_saving(*home, at_home, kept, rules)};
  }
  Placement placement{.sequence = oldest->sequence, .save_before = worth_saving(*oldest, 0, kept, rules)};
  if (at_source >= saved_prefix && at_source >= rules.worth_copying && source != oldest) {
    placement.from = Placement::From::another_slot;
    placement.source = source->sequence;
    placement.reused = at_source;
  } else if (saved_prefix >= rules.worth_restoring) {
    placement.from = Placement::From::saved;
    placement.reused = saved_prefix;
  } else if (std::size_t own = useful(prompt, oldest->tokens, rules); own > 0) {
    placement.from = Placement::From::itself;
    placement.reused = own;
    placement.save_before = worth_saving(*oldest, own, kept, rules);
  }
  return placement;
}

}  // namespace worker::serve
