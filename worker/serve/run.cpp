#include "worker/serve/run.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "worker/engine/context.hpp"

namespace worker::serve {

namespace {

std::chrono::microseconds between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
  return std::chrono::duration_cast<std::chrono::microseconds>(to - from);
}

}  // namespace

Run::Run(std::shared_ptr<Job> job, const engine::Vocabulary& vocabulary, std::uint64_t context_tokens)
    : job_(std::move(job)),
      sampler_(vocabulary, request().sampling, job_->take_grammar(), context_tokens),
      stops_(request().stop),
      thinking_(request().thinking),
      begun_(Clock::now()) {
  sampler_.remember(request().prompt);
}

void Run::begin(std::size_t reused) { reused_ = reused; }

void Run::park(const std::vector<engine::Token>& evaluated) {
  if (!pending_) return;  // it was still reading, and has that to read again
  so_far_ = evaluated;
  so_far_.push_back(*std::exchange(pending_, std::nullopt));
}

void Run::judge(const engine::Context& context, std::size_t evaluated, std::size_t count, int index) {
  const std::vector<engine::Token>& prompt = request().prompt;
  std::vector<TokenRecord> records;
  if (judged_ == 0) records.push_back({.token = prompt[judged_++], .probs = std::nullopt});
  for (std::size_t i = 0; i < count && evaluated + i + 1 < prompt.size(); ++i) {
    const std::size_t next = evaluated + i + 1;
    if (next < judged_) continue;  // before it was parked
    records.push_back(
        {.token = prompt[next], .probs = logprobs_of(context, index + static_cast<int>(i), prompt[next], *request().logprobs)});
    judged_ = next + 1;
  }
  job_->push("", std::move(records));
}

std::optional<FinishReason> Run::advance(const engine::Context& context, const engine::Vocabulary& vocabulary, int logits_at) {
  auto decided = thinking_.decided();
  const std::optional<engine::Token> next = decided ? decided : sampler_.sample(context, logits_at);
  if (!first_token_) first_token_ = Clock::now();
  if (next) ++generated_;
  if (!next || vocabulary.ends_generation(*next)) {
    pass_on(stops_.finish());
    return FinishReason::stop;
  }
  const engine::Token token = *next;
  std::string piece = vocabulary.piece(token);
  sampler_.accept(token, !thinking_.thinks());
  thinking_.saw(piece);
  if (request().logprobs) {
    auto probs = engine::logprobs_of(context, logits_at, token, *request().logprobs);
    records_.push_back({.record = {.token = token, .probs = std::move(probs)}, .begins = text_made_});
  }
  text_made_ += piece.size();
  pass_on(stops_.feed(piece));
  if (stops_.stopped()) return FinishReason::stop;
  if (generated_ >= request().max_tokens) {
    pass_on(stops_.finish());
    return FinishReason::length;
  }
  pending_ = token;
  return std::nullopt;
}

// With the tokens that its text begins: a token that a stop string swallows whole is not reported.
void Run::pass_on(std::string_view text) {
  text_passed_ += text.size();
  std::vector<TokenRecord> records;
  for (; !records_.empty() && (records_.front().begins < text_passed_ || text_passed_ == text_made_); records_.pop_front()) {
    records.push_back(std::move(records_.front().record));
  }
  job_->push(text, std::move(records));
}

Finish Run::finish(FinishReason reason) const {
  auto now = Clock::now();
  auto first = first_token_.value_or(now);
  return {.reason = reason,
          .prompt_tokens = request().prompt.size(),
          .cached_tokens = reused_,
          .completion_tokens = generated_,
          .reasoning_tokens = thinking_.tokens(),
          .timings = {.queued = between(job_->arrived(), begun_), .prompt = between(begun_, first), .answer = between(first, now)}};
}

}  // namespace worker::serve
