#include "worker/serve/slot.hpp"

#include "worker/engine/context.hpp"

namespace worker::serve {

void Slot::take(std::shared_ptr<Job> job) {
  engine::Sampler sampler(job->request().sampling);
  chat::StopStrings stops(job->request().stop);
  work_ = std::make_unique<Work>(Work{.job = std::move(job), .sampler = std::move(sampler), .stops = std::move(stops)});
}

void Slot::put_in_batch(std::size_t tokens, int logits_at) {
  work_->in_batch = tokens;
  work_->logits_at = logits_at;
}

void Slot::batch_evaluated() {
  work_->evaluated += work_->in_batch;
  work_->in_batch = 0;
}

engine::Token Slot::sample(const engine::Context& context) { return work_->sampler.sample(context, work_->logits_at); }

std::optional<FinishReason> Slot::accept(engine::Token token, const engine::Vocabulary& vocabulary) {
  ++work_->generated;
  if (vocabulary.ends_generation(token)) {
    job().push(work_->stops.finish());
    return FinishReason::stop;
  }
  job().push(work_->stops.feed(vocabulary.piece(token)));
  if (work_->stops.stopped()) return FinishReason::stop;
  if (work_->generated >= job().request().max_tokens) {
    job().push(work_->stops.finish());
    return FinishReason::length;
  }
  work_->pending = token;
  return std::nullopt;
}

Finish Slot::finish(FinishReason reason) const {
  return {.reason = reason, .prompt_tokens = prompt().size(), .completion_tokens = work_->generated};
}

}  // namespace worker::serve
