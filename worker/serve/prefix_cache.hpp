// Which slot a prompt goes to, and whose evaluated tokens it starts from: the longest common prefix with any slot (busy ones too, by
// copying) or any saved state; and whether it waits for one that a slot is only just evaluating. Plain decisions over values; the scheduler
// carries them out.
//
// A conversation goes on in the slot that holds it. A prompt that shares only its beginning with one (the same system prompt, another
// question) takes the least recently used free slot and a copy of that beginning, so both conversations stay warm. What a slot held
// before and nobody else holds is saved into main memory under a byte budget, least recently used first to go.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "worker/engine/vocabulary.hpp"

namespace worker::serve {

using Tokens = std::span<const engine::Token>;

std::size_t common_prefix(Tokens a, Tokens b);

// How many tokens are held when each beginning that two of the sequences share is held once.
std::size_t distinct_tokens(std::span<const Tokens> sequences);

// What one sequence of the context holds.
struct Kept {
  int sequence = 0;
  bool free = true;
  Tokens tokens;
  std::uint64_t last_used = 0;  // a counter, not a time
  std::string_view owner = {};  // of the request that made it so
};

// One state in main memory.
struct SavedState {
  std::vector<engine::Token> tokens;
  std::vector<std::uint8_t> bytes;
  std::string owner = {};
  std::uint64_t last_used = 0;  // as its slot was
};

class SavedStates {
 public:
  explicit SavedStates(std::size_t budget_bytes) : budget_(budget_bytes) {}

  // Whether a state of this size could be kept at all.
  bool would_take(std::size_t bytes) const { return bytes <= budget_; }
  // Replaces states of the same owner that this one continues; drops the least recently used ones beyond the budget.
  void put(SavedState state);
  // The one that shares most with the prompt (recently used from now on), null if none shares anything. `whole`: only one that the prompt
  // continues to its end.
  const SavedState* find(Tokens prompt, bool whole);
  // How much that one shares, without using it.
  std::size_t shared_with(Tokens prompt, bool whole) const;
  bool holds(Tokens tokens, std::string_view owner = {}) const;  // as the beginning of a state of that owner
  std::list<SavedState> give_up();                               // all of them, most recently used first
  // Another budget from now on; what is beyond it goes.
  void limit(std::size_t budget_bytes);
  std::size_t bytes() const { return bytes_; }
  std::size_t count() const { return states_.size(); }

 private:
  std::list<SavedState>::const_iterator best(Tokens prompt, bool whole) const;
  std::list<SavedState>::iterator drop(std::list<SavedState>::iterator old);

  std::size_t budget_;
  std::size_t bytes_ = 0;
  std::list<SavedState> states_;  // most recently used first
};

struct Placement {
  enum class From { nothing, itself, another_slot, saved };
  int sequence = 0;  // where the prompt goes
  From from = From::nothing;
  int source = 0;            // the sequence to copy, for another_slot
  std::size_t reused = 0;    // tokens that need not be evaluated; always fewer than the prompt has
  bool save_before = false;  // what the slot held is worth keeping
};

struct PlacementRules {
  bool whole_only = false;           // the model's state cannot be cut: only a sequence that the prompt continues to its end is of use
  bool reuses = true;                // false: all of the prompt is evaluated anew, whoever holds it
  std::size_t worth_copying = 32;    // tokens: for fewer, evaluating is as fast as copying another slot
  std::size_t worth_restoring = 32;  // likewise, of a saved state; and a conversation does not leave its slot for fewer
  std::size_t worth_saving = 64;     // likewise
  std::string_view owner = {};       // whose prompt it is: it goes on with a conversation of the same owner only
};

struct CopyCosts {
  std::uint64_t cache_bytes = 0;    // all that a slot has, used or not, is copied; 0: cells are shared, and nothing is
  std::uint64_t weights_bytes = 0;  // of what works on one token; 0: not known
  bool on_processor = true;         // the weights, all of them
};
// From how many tokens on a copy is sooner made than they are evaluated.
std::size_t tokens_worth_copying(const CopyCosts& costs);

// Somebody whose prompt is being read.
struct Reader {
  Tokens text;                // all that he reads
  std::size_t evaluated = 0;  // of it
};

// Whether a prompt waits until the reader has evaluated what both begin with, to start from a copy of that: it saves work, and the answer
// begins no later than if the two had read side by side and shared every batch. `held`: tokens of the prompt that are had otherwise.
// `per_turn`: tokens that a batch has for the reader.
bool worth_waiting(Tokens prompt, std::size_t held, const Reader& reader, std::size_t per_turn, const PlacementRules& rules);

// How many tokens of the prompt the best of these sequences saves.
std::size_t best_kept(Tokens prompt, std::span<const Kept> kept, const PlacementRules& rules);

// `saved_prefix`: tokens that the best saved state shares with the prompt. At least one of `kept` is free.
Placement place(Tokens prompt, std::span<const Kept> kept, std::size_t saved_prefix, const PlacementRules& rules);

}  // namespace worker::serve
