// One sequence of the context and the request that uses it, if any. The scheduler owns the slots and decides; a slot only keeps count.
#pragma once

#include <memory>
#include <optional>

#include "worker/chat/stop_strings.hpp"
#include "worker/engine/sampling.hpp"
#include "worker/serve/job.hpp"

namespace worker::serve {

class Slot {
 public:
  explicit Slot(int sequence) : sequence_(sequence) {}

  void take(std::shared_ptr<Job> job);
  void release() { work_.reset(); }

  int sequence() const { return sequence_; }
  bool free() const { return !work_; }
  Job& job() const { return *work_->job; }
  bool reads() const { return work_ && evaluated() < prompt().size(); }  // has prompt left to evaluate
  bool answers() const { return work_ && work_->pending.has_value(); }   // has a token whose successor is wanted
  bool paused() const { return answers() && job().full(); }

  std::size_t evaluated() const { return work_->evaluated; }  // tokens in the context, the next one's position
  const std::vector<engine::Token>& prompt() const { return job().request().prompt; }
  engine::Token pending() const { return *work_->pending; }

  // What of this slot is in the batch now: `tokens` from evaluated() on, and where the logits of the last one will be (negative: none).
  void put_in_batch(std::size_t tokens, int logits_at);
  std::size_t tokens_in_batch() const { return work_->in_batch; }
  int logits_at() const { return work_->logits_at; }
  void batch_evaluated();

  engine::Token sample(const engine::Context& context);
  // The token just sampled, its text passed on as far as stop strings allow. Returns why the answer is over, if it is.
  std::optional<FinishReason> accept(engine::Token token, const engine::Vocabulary& vocabulary);
  Finish finish(FinishReason reason) const;

 private:
  struct Work {
    std::shared_ptr<Job> job;
    engine::Sampler sampler;
    chat::StopStrings stops;
    std::size_t evaluated = 0;
    std::optional<engine::Token> pending;
    std::uint64_t generated = 0;
    std::size_t in_batch = 0;
    int logits_at = -1;
  };

  int sequence_;
  std::unique_ptr<Work> work_;
};

}  // namespace worker::serve
