// One sequence of the context, the tokens it holds, and the request that uses it, if any. The scheduler owns the slots and decides; a slot
// only keeps count.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "worker/chat/stop_strings.hpp"
#include "worker/engine/sampling.hpp"
#include "worker/serve/job.hpp"
#include "worker/serve/prefix_cache.hpp"
#include "worker/serve/thinking_watch.hpp"
#include "worker/serve/totals.hpp"

namespace worker::serve {

class Slot {
 public:
  explicit Slot(int sequence) : sequence_(sequence) {}

  // The slot's sequence holds the first `reused` tokens of the job's prompt, and nothing else.
  void take(std::shared_ptr<Job> job, std::size_t reused, const engine::Vocabulary& vocabulary, std::uint64_t context_tokens);
  void release(std::uint64_t now);  // the request; what the sequence holds stays

  int sequence() const { return sequence_; }
  bool free() const { return !work_; }
  Job& job() const { return *work_->job; }
  bool reads() const { return work_ && evaluated() < prompt().size(); }  // has prompt left to evaluate
  const engine::Picture* picture() const;                                // that comes next in the prompt, or null
  bool answers() const { return work_ && work_->pending.has_value(); }   // has a token whose successor is wanted
  bool paused() const { return answers() && job().full(); }

  Kept kept() const { return {.sequence = sequence_, .free = free(), .tokens = tokens_, .last_used = last_used_}; }
  SlotView view() const;
  void holds_only(std::size_t tokens) { tokens_.resize(tokens); }
  std::size_t evaluated() const { return tokens_.size(); }   // tokens in the context
  int position() const { return position_of(evaluated()); }  // of the next one
  int position_of(std::size_t index) const { return engine::position_of(job().request().pictures, index); }
  std::size_t readable() const;  // tokens of the prompt from evaluated() on that are no picture
  const std::vector<engine::Token>& prompt() const { return job().request().prompt; }
  engine::Token pending() const { return *work_->pending; }

  // Back to where a picture begins, if only a part of it has been evaluated.
  void forget_half_a_picture();

  // What of this slot is in the batch now: `tokens` from evaluated() on, where the logits of the last one will be (negative: none), and
  // where those of the first one will be, of a slot that is judged.
  void put_in_batch(std::size_t tokens, int logits_at, int begins_at = -1);
  std::size_t tokens_in_batch() const { return work_->in_batch; }
  int logits_at() const { return work_->logits_at; }
  void batch_evaluated();
  bool judged() const { return job().request().prompt_logprobs; }
  // Passes on what the model thinks of the prompt's tokens that follow those in the batch.
  void judge(const engine::Context& context);

  // The next token: drawn from the logits, or said for the model. Its text is passed on as far as stop strings allow. Returns why the
  // answer is over, if it is.
  std::optional<FinishReason> advance(const engine::Context& context, const engine::Vocabulary& vocabulary);
  Finish finish(FinishReason reason) const;

 private:
  using Clock = std::chrono::steady_clock;
  // A token whose text is not passed on yet.
  struct HeldRecord {
    TokenRecord record;
    std::size_t begins;  // bytes of text before it
  };
  struct Work {
    std::shared_ptr<Job> job;
    engine::Sampler sampler;
    chat::StopStrings stops;
    ThinkingWatch thinking;
    std::size_t reused = 0;
    std::optional<engine::Token> pending;
    std::uint64_t generated = 0;
    std::size_t in_batch = 0;
    int logits_at = -1, begins_at = -1;
    std::size_t text_made = 0, text_passed = 0;  // bytes
    std::deque<HeldRecord> records;
    Clock::time_point begun = Clock::now();
    std::optional<Clock::time_point> first_token;
  };

  void pass_on(std::string_view text);

  int sequence_;
  std::vector<engine::Token> tokens_;
  std::uint64_t last_used_ = 0;
  std::unique_ptr<Work> work_;
};

}  // namespace worker::serve
