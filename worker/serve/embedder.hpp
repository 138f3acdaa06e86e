// Makes embeddings (or, for a reranker, scores) of texts: the counterpart of the scheduler for models with a pooling. Lives on the engine
// thread and never waits.
//
// Jobs are served in arrival order; every turn is one batch with as many whole texts of the first job as fit.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "common/error.hpp"
#include "worker/engine/batch.hpp"
#include "worker/engine/context.hpp"
#include "worker/serve/job.hpp"
#include "worker/serve/totals.hpp"

namespace worker::serve {

// One request. `texts` are fixed; the engine thread fills `vectors`, then sets `done` and knocks.
struct EmbeddingJob {
  std::vector<std::vector<engine::Token>> texts;  // none empty, each at most one batch
  std::shared_ptr<Mailbox> mailbox;
  std::atomic<bool> cancelled{false};
  std::atomic<bool> done{false};
  std::vector<std::vector<float>> vectors{};  // one per text, read once done
  std::optional<common::Error> error{};       // likewise
};

class Embedder {
 public:
  // Both outlive the embedder.
  Embedder(engine::Context& context, int sequences, Totals& totals);

  void submit(std::shared_ptr<EmbeddingJob> job);
  bool turn();  // as the scheduler's

 private:
  void finish(EmbeddingJob& job);
  std::size_t fill_batch(const EmbeddingJob& job);

  engine::Context& context_;
  const std::size_t sequences_;
  Totals& totals_;
  engine::Batch batch_;
  std::deque<std::shared_ptr<EmbeddingJob>> jobs_;
};

}  // namespace worker::serve
