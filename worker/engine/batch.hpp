// The tokens of one engine turn, each with its sequence and position. Filled by the scheduler, consumed by Context::decode.
#pragma once

#include <memory>

#include "worker/engine/vocabulary.hpp"

struct llama_batch;

namespace worker::engine {

class Batch {
 public:
  explicit Batch(int capacity);
  ~Batch();
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  void clear();
  // Returns the token's index in the batch, by which its logits are found after the decode.
  int add(Token token, int position, int sequence, bool wants_logits);
  int size() const;
  int room() const { return capacity_ - size(); }
  const llama_batch& handle() const { return *batch_; }

 private:
  std::unique_ptr<llama_batch> batch_;
  int capacity_;
};

}  // namespace worker::engine
