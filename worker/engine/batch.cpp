#include "worker/engine/batch.hpp"

#include <llama.h>

#include <cassert>

namespace worker::engine {

Batch::Batch(int capacity) : batch_(std::make_unique<llama_batch>(llama_batch_init(capacity, 0, 1))), capacity_(capacity) {}
Batch::~Batch() { llama_batch_free(*batch_); }

void Batch::clear() { batch_->n_tokens = 0; }

int Batch::add(Token token, int position, int sequence, bool wants_logits) {
  assert(room() > 0);
  int index = batch_->n_tokens++;
  batch_->token[index] = token;
  batch_->pos[index] = position;
  batch_->n_seq_id[index] = 1;
  batch_->seq_id[index][0] = sequence;
  batch_->logits[index] = wants_logits;
  return index;
}

int Batch::size() const { return batch_->n_tokens; }

}  // namespace worker::engine
