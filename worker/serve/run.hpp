// One request under way: what it has said so far, and what its next token is drawn with. It is in a slot, or parked outside of all of them
// when its slot's cells were needed; then it reads again what it had, its own answer with it, and goes on where it was.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "worker/chat/stop_strings.hpp"
#include "worker/engine/sampling.hpp"
#include "worker/serve/job.hpp"
#include "worker/serve/thinking_watch.hpp"

namespace worker::serve {

class Run {
 public:
  // `context_tokens`: as many as a request may have.
  Run(std::shared_ptr<Job> job, const engine::Vocabulary& vocabulary, std::uint64_t context_tokens);

  Job& job() const { return *job_; }
  const JobRequest& request() const { return job_->request(); }
  // What must have been evaluated before its next token can be drawn.
  const std::vector<engine::Token>& to_read() const { return so_far_.empty() ? request().prompt : so_far_; }
  // A token of the answer whose successor is wanted. None: something is left to read.
  const std::optional<engine::Token>& pending() const { return pending_; }
  bool judged() const { return request().prompt_logprobs && generated_ == 0; }
  std::uint64_t generated() const { return generated_; }

  void begin(std::size_t reused);                          // in its first slot, which holds so much of the prompt
  void park(const std::vector<engine::Token>& evaluated);  // what its slot holds of it

  // Passes on what the model thinks of the prompt's tokens that follow the `count` ones from `evaluated` on, whose logits begin at `index`.
  void judge(const engine::Context& context, std::size_t evaluated, std::size_t count, int index);
  // The next token: drawn from the logits, or said for the model. Its text is passed on as far as stop strings allow. Returns why the
  // answer is over, if it is.
  std::optional<FinishReason> advance(const engine::Context& context, const engine::Vocabulary& vocabulary, int logits_at);
  Finish finish(FinishReason reason) const;

 private:
  using Clock = std::chrono::steady_clock;
  // A token whose text is not passed on yet.
  struct HeldRecord {
    TokenRecord record;
    std::size_t begins;  // bytes of text before it
  };

  void pass_on(std::string_view text);

  std::shared_ptr<Job> job_;
  engine::Sampler sampler_;
  chat::StopStrings stops_;
  ThinkingWatch thinking_;
  std::size_t reused_ = 0;
  std::size_t judged_ = 0;             // tokens of the prompt that were passed on so
  std::vector<engine::Token> so_far_;  // prompt and answer, once it was parked
  std::optional<engine::Token> pending_;
  std::uint64_t generated_ = 0;
  std::size_t text_made_ = 0, text_passed_ = 0;  // bytes
  std::deque<HeldRecord> records_;
  Clock::time_point begun_;
  std::optional<Clock::time_point> first_token_;
};

}  // namespace worker::serve
