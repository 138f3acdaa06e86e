#include "worker/serve/scheduler.hpp"

#include <algorithm>
#include <utility>

#include "common/log.hpp"

namespace worker::serve {

using engine::Decoded;

namespace {

constexpr int kTellingBatch = 32;  // tokens of a batch whose time says something about the time that prompts take

}  // namespace

Scheduler::Scheduler(const engine::Model& model, engine::Context& context, engine::PictureEncoder* encoder, SchedulerConfig config,
                     Totals& totals, ScheduledSessions sessions)
    : model_(model),
      context_(context),
      encoder_(encoder),
      config_(config),
      totals_(totals),
      batch_(context.batch_tokens()),
      saved_(config.saved_bytes),
      sessions_(sessions.files),
      restored_(std::move(sessions.restored)) {
  for (int sequence = 0; sequence < config.slots; ++sequence) slots_.emplace_back(sequence);
  count_saved();
}

void Scheduler::submit(std::shared_ptr<Job> job) { waiting_.push_back(std::move(job)); }

void Scheduler::limit_saved(std::optional<std::uint64_t> bytes) {
  saved_.limit(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.value_or(config_.saved_bytes), config_.saved_bytes)));
  count_saved();
}

void Scheduler::drop_cancelled() {
  std::erase_if(waiting_, [](const auto& job) { return job->cancelled(); });
  std::erase_if(parked_, [](const auto& run) { return run->job().cancelled(); });
  for (Slot& slot : slots_) {
    if (slot.free() || !slot.job().cancelled()) continue;
    slot.release(++uses_);
  }
}

void Scheduler::admit() {
  while (std::ranges::any_of(slots_, &Slot::free)) {
    // One whose reader still lags would read its text again to say nothing.
    auto parked = std::ranges::find_if(parked_, [](const auto& run) { return !run->job().full(); });
    if (parked != parked_.end()) {
      if (!has_room_for((*parked)->to_read())) return;
      std::unique_ptr<Run> run = std::move(*parked);
      parked_.erase(parked);
      start(std::move(run), false);
    } else if (auto next = next_waiting(); next != waiting_.end()) {
      if (!has_room_for((*next)->request().prompt)) return;
      std::shared_ptr<Job> job = std::move(*next);
      waiting_.erase(next);
      start(std::make_unique<Run>(std::move(job), model_.vocabulary(), context_.context_tokens()), true);
    } else {
      return;
    }
  }
}

// The first in order of arrival whose beginning is not being read for somebody else. Those before it keep a slot each; room cannot be kept,
// so where cells are shared nobody overtakes them.
std::deque<std::shared_ptr<Job>>::iterator Scheduler::next_waiting() {
  auto free = context_.shares_cells() ? 1 : std::ranges::count_if(slots_, &Slot::free);
  for (auto job = waiting_.begin(); job != waiting_.end() && free > 0; ++job, --free) {
    if (!is_being_read((*job)->request())) return job;
  }
  return waiting_.end();
}

bool Scheduler::is_being_read(const JobRequest& request) const {
  if (std::ranges::none_of(slots_, &Slot::reads)) return false;
  if (!request.pictures.empty()) return false;  // those behind the beginning are to be encoded meanwhile
  PlacementRules rules = rules_for(request);
  const Tokens prompt = request.prompt;
  std::size_t held = best_kept(prompt, kept(), rules);
  if (rules.reuses) held = std::max(held, saved_.shared_with(prompt, rules.whole_only));
  if (auto* session = worth_restoring(request, prompt, held, rules.whole_only)) held = common_prefix(prompt, session->tokens);
  // As place() has it: what goes on with something does not leave it for a little.
  if (held > 0) rules.worth_copying = std::max(rules.worth_copying, rules.worth_restoring);
  return std::ranges::any_of(slots_, [&](const Slot& slot) {
    // One that is judged is read in small pieces.
    if (!slot.reads() || slot.run().judged() || slot.job().cancelled()) return false;
    return worth_waiting(prompt, held, {.text = slot.text(), .evaluated = slot.evaluated()}, prompt_budget(), rules);
  });
}

void Scheduler::start(std::unique_ptr<Run> run, bool first) {
  Slot* slot = nullptr;
  const std::size_t reused = prepare_slot(slot, *run);
  if (first) {
    run->begin(reused);
    totals_.cached_tokens += reused;
  }
  slot->take(std::move(run), reused);
  encode_pictures(*slot);
}

// Beside those that run, each with all that it has to read and has answered. What free slots hold is given up when the cells are needed,
// and what those hold whose readers lag.
bool Scheduler::has_room_for(const std::vector<engine::Token>& text) const {
  if (!context_.shares_cells()) return true;
  std::vector<Tokens> sequences;
  for (const Slot& slot : slots_) {
    if (!slot.free() && !slot.paused()) sequences.push_back(slot.reads() ? Tokens(slot.text()) : slot.kept().tokens);
  }
  const std::size_t answering = sequences.size() + 1;  // each needs a cell for its next token
  sequences.push_back(text);
  return sequences.size() == 1 || distinct_tokens(sequences) + answering <= context_.context_tokens();
}

// False: there is nothing left to give up. Otherwise the batch has to be made anew.
bool Scheduler::make_room() {
  Slot* gives = longest_unused();
  if (!gives) {
    if (std::ranges::count_if(slots_, [](const Slot& slot) { return !slot.free(); }) < 2) return false;
    // One whose reader lags has nothing to do with its cells at the moment.
    auto first = [](const Slot& a, const Slot& b) {
      if (a.paused() != b.paused()) return b.paused();
      return a.job().arrived() < b.job().arrived();
    };
    for (Slot& slot : slots_) {
      if (!slot.free() && (!gives || first(*gives, slot))) gives = &slot;
    }
    std::unique_ptr<Run> run = gives->park(++uses_);
    auto after = std::ranges::find_if(parked_, [&](const auto& other) { return other->job().arrived() > run->job().arrived(); });
    parked_.insert(after, std::move(run));
    ++totals_.parked;
  }
  give_up(*gives);
  return true;
}

// Free, and holds something. Null: none does.
Slot* Scheduler::longest_unused() {
  Slot* found = nullptr;
  for (Slot& slot : slots_) {
    if (slot.free() && slot.evaluated() > 0 && (!found || slot.kept().last_used < found->kept().last_used)) found = &slot;
  }
  return found;
}

void Scheduler::give_up(Slot& slot) {
  save(slot);
  context_.forget(slot.sequence());
  slot.holds_only(0);
}

// The next picture and the one after it, which is encoded while the first is evaluated. No more, so that one prompt with fifty pictures
// leaves room between them for those of others.
void Scheduler::encode_pictures(const Slot& slot) {
  int ahead = 2;
  for (const engine::Picture& picture : slot.job().request().pictures) {
    if (picture.end() <= slot.evaluated()) continue;
    if (ahead-- == 0) return;
    if (picture.content->state() == engine::PictureContent::State::unseen) encoder_->encode(picture.content, slot.job().wake_engine());
  }
}

PlacementRules Scheduler::rules_for(const JobRequest& request) const {
  return {.whole_only = context_.cutting() == engine::Context::Cutting::nowhere,
          .reuses = request.cache_prompt,
          .worth_copying = config_.worth_copying,
          .owner = request.owner};
}

std::vector<Kept> Scheduler::kept() const {
  std::vector<Kept> all;
  for (const Slot& slot : slots_) all.push_back(slot.kept());
  return all;
}

// Finds the slot and makes its sequence hold what is returned of the prompt, and nothing else.
std::size_t Scheduler::prepare_slot(Slot*& slot, const Run& run, bool from_disk) {
  const JobRequest& request = run.request();
  const PlacementRules rules = rules_for(request);
  const std::vector<Kept> kept = this->kept();
  Tokens prompt = run.to_read();
  const SavedState* state = request.cache_prompt ? saved_.find(prompt, rules.whole_only) : nullptr;
  std::size_t saved_prefix = state ? common_prefix(prompt, state->tokens) : 0;
  const std::size_t otherwise = std::max(saved_prefix, best_kept(prompt, kept, rules));
  const SavedSession* session = from_disk ? worth_restoring(request, prompt, otherwise, rules.whole_only) : nullptr;
  if (session) saved_prefix = common_prefix(prompt, session->tokens);
  Placement placement = place(prompt, kept, saved_prefix, rules);
  slot = &slots_[static_cast<std::size_t>(placement.sequence)];
  if (placement.save_before) save(*slot);
  bool there = true;
  if (placement.from == Placement::From::another_slot) {
    context_.copy(placement.source, placement.sequence);
  } else if (placement.from == Placement::From::saved && session) {
    if (!context_.is_settled(placement.sequence)) return prepare_slot(slot, run, false);
    const Restored restored = restore(*slot, *session, run.job());
    if (restored == Restored::unusable) return prepare_slot(slot, run);  // without it: it is forgotten
    if (restored == Restored::given_up) return prepare_slot(slot, run, false);
    there = restored == Restored::whole;
  } else if (placement.from == Placement::From::saved) {
    there = restore(*slot, prompt, placement.reused, rules.whole_only);
  }
  const std::size_t reused = engine::without_half_a_picture(request.pictures, placement.reused);
  if (there && context_.trim(placement.sequence, engine::position_of(request.pictures, reused))) return reused;
  context_.forget(placement.sequence);
  return 0;
}

bool Scheduler::restore(Slot& slot, Tokens prompt, std::size_t least, bool whole) {
  slot.holds_only(0);
  while (true) {
    // Saving what a slot gave up may have dropped the very state that was to be used.
    const SavedState* state = saved_.find(prompt, whole);
    if (!state || common_prefix(prompt, state->tokens) < least) return false;
    if (context_.restore(slot.sequence(), state->bytes)) return true;
    Slot* gives = context_.shares_cells() ? longest_unused() : nullptr;
    if (!gives) return false;
    give_up(*gives);
  }
}

void Scheduler::save(const Slot& slot) {
  const Kept kept = slot.kept();
  if (saved_.holds(kept.tokens, kept.owner) || !saved_.would_take(context_.state_bytes(slot.sequence()))) return;
  SavedState state{.tokens = {kept.tokens.begin(), kept.tokens.end()},
                   .bytes = context_.save(slot.sequence()),
                   .owner = std::string(kept.owner),
                   .last_used = kept.last_used};
  if (!state.bytes.empty()) saved_.put(std::move(state));
  count_saved();
}

bool Scheduler::turn() {
  drop_cancelled();
  admit();
  count();
  if (totals_.slots_busy == 0) return false;
  const bool evaluated = evaluate_tokens();
  return evaluate_picture() || evaluated;
}

// Whether everybody in the batch has gone, so that the decode may end early.
bool Scheduler::unwanted() const {
  return std::ranges::all_of(in_batch_, [](Slot* slot) { return slot->job().cancelled(); });
}

bool Scheduler::evaluate_tokens() {
  while (true) {
    batch_.clear();
    in_batch_.clear();
    add_answer_tokens();
    const std::size_t answers = in_batch_.size();
    add_prompt_chunks();
    if (in_batch_.empty()) return false;
    // A token for each answer is soon evaluated.
    const auto began = std::chrono::steady_clock::now();
    const Decoded outcome = in_batch_.size() == answers ? context_.decode(batch_) : context_.decode(batch_, [this] { return unwanted(); });
    // Beside answers a prompt is slowed down, and a few tokens take as long as many.
    if (outcome == Decoded::ok && answers == 0 && batch_.size() >= kTellingBatch)
      economy_.evaluated(static_cast<std::size_t>(batch_.size()), std::chrono::steady_clock::now() - began);
    if (outcome == Decoded::no_room && make_room()) continue;
    settle(outcome);
    return true;
  }
}

// One part of one picture: embeddings and tokens cannot share a batch.
bool Scheduler::evaluate_picture() {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[next_viewer_++ % slots_.size()];
    const engine::Picture* picture = slot.reads() && !slot.job().cancelled() ? slot.picture() : nullptr;
    if (!picture) continue;
    encode_pictures(slot);
    const auto state = picture->content->state();
    if (state == engine::PictureContent::State::failed) {
      fail(slot, "the projector failed to encode an image");
      return true;
    }
    if (state != engine::PictureContent::State::ready) continue;
    const std::size_t seen = slot.evaluated() - picture->begin;
    const std::size_t count = picture->whole ? picture->places : std::min(picture->places - seen, prompt_budget());
    in_batch_ = {&slot};
    slot.put_in_batch(count, -1);
    const Decoded outcome =
        context_.decode(*picture, seen, count, slot.sequence(), slot.position_of(picture->begin), [this] { return unwanted(); });
    if (outcome != Decoded::no_room || !make_room()) settle(outcome);
    return true;
  }
  return false;
}

// Tokens of prompts in one batch.
std::size_t Scheduler::prompt_budget() const {
  const bool beside_answers = std::ranges::any_of(slots_, [](const Slot& slot) { return slot.answers() && !slot.paused(); });
  return static_cast<std::size_t>(beside_answers ? config_.prompt_tokens_beside_answers : config_.prompt_tokens_per_turn);
}

void Scheduler::add_answer_tokens() {
  for (Slot& slot : slots_) {
    if (!slot.answers() || slot.paused()) continue;
    slot.put_in_batch(1, batch_.add(slot.pending(), slot.position(), slot.sequence(), true));
    in_batch_.push_back(&slot);
  }
}

void Scheduler::add_prompt_chunks() {
  auto reads = [](const Slot& slot) { return slot.reads() && slot.readable() > 0; };
  auto readers = static_cast<std::size_t>(std::ranges::count_if(slots_, reads));
  std::size_t budget = std::min(static_cast<std::size_t>(batch_.room()), prompt_budget());
  // Every slot has one; these are for those whose whole prompt is judged.
  std::size_t outputs = static_cast<std::size_t>(context_.outputs()) - slots_.size();
  for (std::size_t i = 0; i < slots_.size() && budget > 0; ++i) {
    Slot& slot = slots_[(next_reader_ + i) % slots_.size()];
    if (!reads(slot)) continue;
    std::size_t share = std::min(slot.readable(), std::max<std::size_t>(budget / readers, 1));
    const bool judged = slot.run().judged();
    if (judged) share = std::min(share, 1 + outputs);
    --readers;
    int first = batch_.size(), last = -1;
    for (std::size_t k = 0; k < share; ++k) {
      std::size_t at = slot.evaluated() + k;
      bool ends_text = at + 1 == slot.text().size();
      int index = batch_.add(slot.text()[at], slot.position() + static_cast<int>(k), slot.sequence(), ends_text || judged);
      if (ends_text) last = index;
    }
    budget -= share;
    if (judged) outputs -= share - 1;
    slot.put_in_batch(share, last, first);
    in_batch_.push_back(&slot);
  }
  next_reader_ = (next_reader_ + 1) % slots_.size();
}

void Scheduler::settle(Decoded outcome) {
  if (outcome == Decoded::aborted) {  // every request in the batch has been cancelled: they are dropped next
    for (Slot* slot : in_batch_) {
      // Part of the batch may have been evaluated.
      slot->forget_half_a_picture();
      if (!context_.trim(slot->sequence(), slot->position())) slot->holds_only(0);
    }
    return;
  }
  if (outcome != Decoded::ok) {
    const char* reason = outcome == Decoded::no_room ? "the context has no room for the batch" : "the engine failed to evaluate the batch";
    common::log::error("a decode for {} requests failed: {}", in_batch_.size(), reason);
    for (Slot* slot : in_batch_) fail(*slot, reason);
    return;
  }
  for (Slot* slot : in_batch_) {
    if (!slot->answers()) totals_.prompt_tokens += slot->tokens_in_batch();
    slot->batch_evaluated(context_);
    if (slot->logits_at() >= 0) advance(*slot);
  }
}

void Scheduler::advance(Slot& slot) {
  auto over = slot.run().advance(context_, model_.vocabulary(), slot.logits_at());
  ++totals_.tokens;
  if (!over) return;
  slot.job().finish(slot.run().finish(*over));
  slot.release(++uses_);
}

void Scheduler::fail(Slot& slot, const std::string& reason) {
  Finish finish = slot.run().finish(FinishReason::failed);
  finish.error = common::Error(common::ErrorKind::internal, reason);
  slot.job().finish(std::move(finish));
  context_.forget(slot.sequence());
  slot.holds_only(0);
  slot.release(++uses_);
}

void Scheduler::count() {
  auto busy = std::ranges::count_if(slots_, [](const Slot& slot) { return !slot.free() && !slot.paused(); });
  totals_.slots_busy = static_cast<std::uint64_t>(busy);
  totals_.waiting = waiting_.size() + parked_.size();
  std::vector<SlotView> views;
  for (const Slot& slot : slots_) views.push_back(slot.view());
  totals_.slots.write(std::move(views));
}

}  // namespace worker::serve
