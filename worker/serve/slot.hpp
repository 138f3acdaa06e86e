// One sequence of the context, the tokens it holds, and the request that uses it, if any. The scheduler owns the slots and decides; a slot
// only keeps count.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "worker/serve/prefix_cache.hpp"
#include "worker/serve/run.hpp"
#include "worker/serve/totals.hpp"

namespace worker::serve {

class Slot {
 public:
  explicit Slot(int sequence) : sequence_(sequence) {}

  // The slot's sequence holds the first `reused` tokens of what the request has to read, and nothing else.
  void take(std::unique_ptr<Run> run, std::size_t reused);
  void release(std::uint64_t now);               // the request; what the sequence holds stays
  std::unique_ptr<Run> park(std::uint64_t now);  // likewise, but the request is to go on later

  int sequence() const { return sequence_; }
  bool free() const { return !run_; }
  Job& job() const { return run_->job(); }
  Run& run() const { return *run_; }
  bool reads() const { return run_ && evaluated() < text().size(); }    // has something left to evaluate before its next token
  const engine::Picture* picture() const;                               // that comes next in the prompt, or null
  bool answers() const { return run_ && run_->pending().has_value(); }  // has a token whose successor is wanted
  bool paused() const { return answers() && job().full(); }

  Kept kept() const {
    return {.sequence = sequence_, .free = free(), .tokens = tokens_, .last_used = last_used_, .owner = owner_};
  }
  SlotView view() const;
  void holds_only(std::size_t tokens) { tokens_.resize(tokens); }
  std::size_t evaluated() const { return tokens_.size(); }   // tokens in the context
  int position() const { return position_of(evaluated()); }  // of the next one
  int position_of(std::size_t index) const { return engine::position_of(job().request().pictures, index); }
  std::size_t readable() const;  // tokens of the text from evaluated() on that are no picture
  const std::vector<engine::Token>& text() const { return run_->to_read(); }
  engine::Token pending() const { return *run_->pending(); }

  // Back to where a picture begins, if only a part of it has been evaluated.
  void forget_half_a_picture();

  // What of this slot is in the batch now: `tokens` from evaluated() on, where the logits of the last one will be (negative: none), and
  // where those of the first one will be, of a slot that is judged.
  void put_in_batch(std::size_t tokens, int logits_at, int begins_at = -1);
  std::size_t tokens_in_batch() const { return in_batch_; }
  int logits_at() const { return logits_at_; }
  void batch_evaluated(const engine::Context& context);

 private:
  int sequence_;
  std::vector<engine::Token> tokens_;
  std::string owner_;  // of the latest request: all that the sequence holds was in its prompt or its answer
  std::uint64_t last_used_ = 0;
  std::unique_ptr<Run> run_;
  std::size_t in_batch_ = 0;
  int logits_at_ = -1, begins_at_ = -1;
};

}  // namespace worker::serve
