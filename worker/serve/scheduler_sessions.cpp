// Scheduler's dealings with the disk: what is written before the process ends, and what is read back.
#include <algorithm>
#include <functional>
#include <new>
#include <utility>

#include "common/log.hpp"
#include "worker/serve/scheduler.hpp"

namespace worker::serve {

// A conversation, in a slot or in main memory.
struct Scheduler::Held {
  Unsaved what;
  std::uint64_t last_used = 0;
};

// A beginning that another one of the same owner has, too, is not counted twice.
std::vector<Scheduler::Held> Scheduler::held_conversations(std::list<SavedState>& in_memory) {
  std::vector<Held> held;
  auto add = [&](Tokens tokens, std::string_view owner, std::uint64_t last_used, std::uint64_t bytes, auto state) {
    if (tokens.size() < PlacementRules().worth_saving) return;
    held.push_back({.what = {.tokens = tokens, .owner = owner, .state_bytes = bytes, .state = std::move(state)}, .last_used = last_used});
  };
  for (const Slot& slot : slots_) {
    if (!slot.free()) continue;
    const Kept kept = slot.kept();
    add(kept.tokens, kept.owner, kept.last_used, context_.state_bytes(slot.sequence()), [this, sequence = slot.sequence()] {
      try {
        return context_.save(sequence);
      } catch (const std::bad_alloc&) {  // it would have been good to have, and no more
        return std::vector<std::uint8_t>();
      }
    });
  }
  for (SavedState& state : in_memory)
    add(state.tokens, state.owner, state.last_used, state.bytes.size(), [&state] { return std::move(state.bytes); });
  std::ranges::stable_sort(held, std::greater(), &Held::last_used);
  return held;
}

common::Saved Scheduler::save_sessions(const SaveTerms& terms) {
  if (!sessions_) return {};
  drop_cancelled();  // whose client has just gone: nobody is using it any more
  std::list<SavedState> in_memory = saved_.give_up();
  const std::vector<Held> held = held_conversations(in_memory);
  auto is_beginning_of = [](const Held& one, const Held& other) {
    if (&one == &other || one.what.owner != other.what.owner) return false;
    const std::size_t size = one.what.tokens.size(), of = other.what.tokens.size();
    return (size < of || (size == of && &other < &one)) && common_prefix(one.what.tokens, other.what.tokens) == size;
  };
  std::vector<Unsaved> unsaved;
  for (const Held& one : held) {
    if (std::ranges::none_of(held, [&](const Held& other) { return is_beginning_of(one, other); })) unsaved.push_back(one.what);
  }
  const common::Saved saved = sessions_->save(unsaved, terms);
  count_saved();
  return saved;
}

// `otherwise`: tokens of the prompt that are had without the disk. Null: none is there, or evaluating is as fast.
const SavedSession* Scheduler::worth_restoring(const JobRequest& request, Tokens prompt, std::size_t otherwise, bool whole) const {
  const SavedSession* session = sessions_ && request.cache_prompt ? sessions_->find(prompt, request.owner, whole) : nullptr;
  if (!session) return nullptr;
  const std::size_t shared = std::min(common_prefix(prompt, session->tokens), prompt.size() - 1);
  if (shared < otherwise + PlacementRules().worth_restoring) return nullptr;
  return economy_.restoring_pays(shared - otherwise, session->tokens.size(), session->state_bytes) ? session : nullptr;
}

// What the slot holds stays unless the file turns out to be usable.
Scheduler::Restored Scheduler::restore(Slot& slot, const SavedSession& session, const Job& job) {
  const auto began = std::chrono::steady_clock::now();
  auto so_far = [began] { return std::chrono::steady_clock::now() - began; };
  std::uint64_t read = 0;
  auto goes_on = [&](std::uint64_t done) {
    read = done;
    return !job.cancelled() && so_far() < config_.longest_restore;
  };
  auto state = sessions_->read(session, goes_on);
  count_saved();
  if (!state) {
    common::log::warn("a saved conversation is not restored: {}", state.error().message());
    if (state.error().kind() == common::ErrorKind::timeout) {
      economy_.restored(read, so_far());
      return Restored::given_up;
    }
    if (state.error().kind() != common::ErrorKind::not_found) ++totals_.sessions_refused;
    return Restored::unusable;
  }
  slot.holds_only(0);
  bool whole = context_.restore(slot.sequence(), state->view());
  while (!whole && context_.shares_cells()) {
    Slot* gives = longest_unused();
    if (!gives) break;
    give_up(*gives);
    whole = context_.restore(slot.sequence(), state->view());
  }
  economy_.restored(state->size, so_far());
  if (!whole) return context_.shares_cells() ? Restored::no_room : refuse(session);
  ++totals_.sessions_restored;
  restored_({.tokens = session.tokens.size(), .bytes = state->size, .seconds = std::chrono::duration<double>(so_far()).count()});
  return Restored::whole;
}

// The file is whole and its key the right one, and yet the engine will not have it.
Scheduler::Restored Scheduler::refuse(const SavedSession& session) {
  common::log::warn("the engine refuses the saved conversation in {}", session.file.string());
  sessions_->forget(session.file);
  count_saved();
  ++totals_.sessions_refused;
  return Restored::unusable;
}

void Scheduler::count_saved() {
  totals_.saved_states = saved_.count();
  totals_.saved_bytes = saved_.bytes();
  if (sessions_) totals_.sessions = sessions_->count();
}

}  // namespace worker::serve
