#include "worker/serve/embedder.hpp"

#include <utility>

namespace worker::serve {

Embedder::Embedder(engine::Context& context, int sequences, Totals& totals)
    : context_(context), sequences_(static_cast<std::size_t>(sequences)), totals_(totals), batch_(context.batch_tokens()) {}

void Embedder::submit(std::shared_ptr<EmbeddingJob> job) { jobs_.push_back(std::move(job)); }

bool Embedder::turn() {
  std::erase_if(jobs_, [](const auto& job) { return job->cancelled.load(); });
  totals_.slots_busy = jobs_.empty() ? 0 : 1;
  totals_.waiting = jobs_.empty() ? 0 : jobs_.size() - 1;
  if (jobs_.empty()) return false;
  std::shared_ptr<EmbeddingJob> job = jobs_.front();
  const std::size_t count = fill_batch(*job);
  auto outcome = context_.decode(batch_, [&job] { return job->cancelled.load(); });
  if (outcome == engine::Decoded::ok) {
    totals_.prompt_tokens += static_cast<std::uint64_t>(batch_.size());
    for (std::size_t i = 0; i < count; ++i) job->vectors.push_back(context_.embedding(static_cast<int>(i)));
  } else if (outcome != engine::Decoded::aborted) {
    job->error = common::Error(common::ErrorKind::internal, "the engine failed to evaluate the batch");
  }
  context_.forget_all();
  if (job->error || job->vectors.size() == job->texts.size()) finish(*job);
  return true;
}

// The texts that are still to be done and fit one batch, each as a sequence of its own; at least one.
std::size_t Embedder::fill_batch(const EmbeddingJob& job) {
  batch_.clear();
  std::size_t count = 0;
  for (std::size_t i = job.vectors.size(); i < job.texts.size() && count < sequences_; ++i, ++count) {
    const auto& text = job.texts[i];
    if (text.size() > static_cast<std::size_t>(batch_.room())) break;
    for (std::size_t at = 0; at < text.size(); ++at) batch_.add(text[at], static_cast<int>(at), static_cast<int>(count), true);
  }
  return count;
}

void Embedder::finish(EmbeddingJob& job) {
  job.done = true;
  job.mailbox->knock();
  jobs_.pop_front();
}

}  // namespace worker::serve
