#include "worker/serve/scheduler.hpp"

#include <algorithm>
#include <utility>

#include "common/log.hpp"

namespace worker::serve {

using engine::Decoded;

Scheduler::Scheduler(const engine::Model& model, engine::Context& context, SchedulerConfig config, Totals& totals)
    : model_(model), context_(context), config_(config), totals_(totals), batch_(context.batch_tokens()), saved_(config.saved_bytes) {
  for (int sequence = 0; sequence < config.slots; ++sequence) slots_.emplace_back(sequence);
}

void Scheduler::submit(std::shared_ptr<Job> job) { waiting_.push_back(std::move(job)); }

void Scheduler::drop_cancelled() {
  std::erase_if(waiting_, [](const auto& job) { return job->cancelled(); });
  for (Slot& slot : slots_) {
    if (slot.free() || !slot.job().cancelled()) continue;
    slot.release(++uses_);
  }
}

void Scheduler::admit() {
  while (!waiting_.empty() && std::ranges::any_of(slots_, &Slot::free)) {
    std::shared_ptr<Job> job = std::move(waiting_.front());
    waiting_.pop_front();
    Slot* slot = nullptr;
    std::size_t reused = prepare_slot(slot, job->request());
    totals_.cached_tokens += reused;
    slot->take(std::move(job), reused, model_.vocabulary(), context_.context_tokens());
  }
}

// Finds the slot and makes its sequence hold what is returned of the prompt, and nothing else.
std::size_t Scheduler::prepare_slot(Slot*& slot, const JobRequest& request) {
  const PlacementRules rules{.whole_only = context_.cutting() == engine::Context::Cutting::nowhere};
  std::vector<Kept> kept;
  for (const Slot& one : slots_) kept.push_back(one.kept());
  Tokens prompt = request.prompt;
  const SavedState* state = request.cache_prompt ? saved_.find(prompt, rules.whole_only) : nullptr;
  if (!request.cache_prompt) {
    for (Kept& one : kept) one.tokens = {};
  }
  Placement placement = place(prompt, kept, state ? common_prefix(prompt, state->tokens) : 0, rules);
  slot = &slots_[static_cast<std::size_t>(placement.sequence)];
  if (placement.save_before) save(*slot);
  bool there = true;
  if (placement.from == Placement::From::another_slot) {
    context_.copy(placement.source, placement.sequence);
  } else if (placement.from == Placement::From::saved) {
    // Saving may have dropped the very state that was to be used.
    state = saved_.find(prompt, rules.whole_only);
    there = state && common_prefix(prompt, state->tokens) >= placement.reused && context_.restore(placement.sequence, state->bytes);
  }
  if (there && context_.trim(placement.sequence, placement.reused)) return placement.reused;
  context_.forget(placement.sequence);
  return 0;
}

void Scheduler::save(const Slot& slot) {
  Tokens tokens = slot.kept().tokens;
  if (saved_.holds(tokens) || !saved_.would_take(context_.state_bytes(slot.sequence()))) return;
  SavedState state{.tokens = {tokens.begin(), tokens.end()}, .bytes = context_.save(slot.sequence())};
  if (!state.bytes.empty()) saved_.put(std::move(state));
  totals_.saved_states = saved_.count();
  totals_.saved_bytes = saved_.bytes();
}

bool Scheduler::turn() {
  drop_cancelled();
  admit();
  count();
  if (totals_.slots_busy == 0) return false;
  fill_batch();
  auto unwanted = [this] { return std::ranges::all_of(in_batch_, [](Slot* slot) { return slot->job().cancelled(); }); };
  settle(context_.decode(batch_, unwanted));
  return true;
}

void Scheduler::fill_batch() {
  batch_.clear();
  in_batch_.clear();
  add_answer_tokens();
  add_prompt_chunks();
}

void Scheduler::add_answer_tokens() {
  for (Slot& slot : slots_) {
    if (!slot.answers() || slot.paused()) continue;
    slot.put_in_batch(1, batch_.add(slot.pending(), static_cast<int>(slot.evaluated()), slot.sequence(), true));
    in_batch_.push_back(&slot);
  }
}

void Scheduler::add_prompt_chunks() {
  auto readers = static_cast<int>(std::ranges::count_if(slots_, &Slot::reads));
  int budget = std::min(batch_.room(), in_batch_.empty() ? config_.prompt_tokens_per_turn : config_.prompt_tokens_beside_answers);
  for (std::size_t i = 0; i < slots_.size() && budget > 0; ++i) {
    Slot& slot = slots_[(next_reader_ + i) % slots_.size()];
    if (!slot.reads()) continue;
    std::size_t left = slot.prompt().size() - slot.evaluated();
    auto share = std::min(left, static_cast<std::size_t>(std::max(budget / readers, 1)));
    --readers;
    int last = -1;
    for (std::size_t k = 0; k < share; ++k) {
      std::size_t at = slot.evaluated() + k;
      bool ends_prompt = at + 1 == slot.prompt().size();
      int index = batch_.add(slot.prompt()[at], static_cast<int>(at), slot.sequence(), ends_prompt);
      if (ends_prompt) last = index;
    }
    budget -= static_cast<int>(share);
    slot.put_in_batch(share, last);
    in_batch_.push_back(&slot);
  }
  next_reader_ = (next_reader_ + 1) % slots_.size();
}

void Scheduler::settle(Decoded outcome) {
  if (outcome == Decoded::aborted) {  // every request in the batch has been cancelled: they are dropped next
    for (Slot* slot : in_batch_) {
      // Part of the batch may have been evaluated.
      if (!context_.trim(slot->sequence(), slot->evaluated())) slot->holds_only(0);
    }
    return;
  }
  if (outcome != Decoded::ok) {
    const char* reason = outcome == Decoded::no_room ? "the context has no room for the batch" : "the engine failed to evaluate the batch";
    common::log::error("decode of {} tokens for {} requests failed: {}", batch_.size(), in_batch_.size(), reason);
    for (Slot* slot : in_batch_) fail(*slot, reason);
    return;
  }
  for (Slot* slot : in_batch_) {
    if (!slot->answers()) totals_.prompt_tokens += slot->tokens_in_batch();
    slot->batch_evaluated();
    if (slot->logits_at() >= 0) advance(*slot);
  }
}

void Scheduler::advance(Slot& slot) {
  auto over = slot.advance(context_, model_.vocabulary());
  ++totals_.tokens;
  if (!over) return;
  slot.job().finish(slot.finish(*over));
  slot.release(++uses_);
}

void Scheduler::fail(Slot& slot, const std::string& reason) {
  Finish finish = slot.finish(FinishReason::failed);
  finish.error = common::Error(common::ErrorKind::internal, reason);
  slot.job().finish(std::move(finish));
  context_.forget(slot.sequence());
  slot.holds_only(0);
  slot.release(++uses_);
}

void Scheduler::count() {
  auto busy = std::ranges::count_if(slots_, [](const Slot& slot) { return !slot.free() && !slot.paused(); });
  totals_.slots_busy = static_cast<std::uint64_t>(busy);
  totals_.waiting = waiting_.size();
  std::vector<SlotView> views;
  for (const Slot& slot : slots_) views.push_back(slot.view());
  totals_.slots.write(std::move(views));
}

}  // namespace worker::serve
