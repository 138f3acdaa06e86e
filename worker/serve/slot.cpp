#include "worker/serve/slot.hpp"

#include <algorithm>

#include "worker/engine/context.hpp"

namespace worker::serve {

namespace {

std::chrono::microseconds between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
  return std::chrono::duration_cast<std::chrono::microseconds>(to - from);
}

}  // namespace

void Slot::take(std::shared_ptr<Job> job, std::size_t reused, const engine::Vocabulary& vocabulary, std::uint64_t context_tokens) {
  const JobRequest& request = job->request();
  engine::Sampler sampler(vocabulary, request.sampling, job->take_grammar(), context_tokens);
  sampler.remember(request.prompt);
  chat::StopStrings stops(request.stop);
  ThinkingWatch thinking(request.thinking);
  tokens_.assign(request.prompt.begin(), request.prompt.begin() + static_cast<std::ptrdiff_t>(reused));
  work_ = std::make_unique<Work>(Work{
      .job = std::move(job), .sampler = std::move(sampler), .stops = std::move(stops), .thinking = std::move(thinking), .reused = reused});
}

SlotView Slot::view() const {
  SlotView view{.id = sequence_, .busy = !free(), .held = tokens_.size()};
  if (work_) view.prompt = prompt().size(), view.generated = work_->generated;
  return view;
}

void Slot::release(std::uint64_t now) {
  work_.reset();
  last_used_ = now;
}

const engine::Picture* Slot::picture() const { return engine::picture_at(job().request().pictures, evaluated()); }

std::size_t Slot::readable() const {
  for (const engine::Picture& picture : job().request().pictures) {
    if (picture.end() > evaluated()) return picture.begin - std::min(picture.begin, evaluated());
  }
  return prompt().size() - evaluated();
}

void Slot::forget_half_a_picture() { holds_only(engine::without_half_a_picture(job().request().pictures, evaluated())); }

void Slot::put_in_batch(std::size_t tokens, int logits_at, int begins_at) {
  work_->in_batch = tokens;
  work_->logits_at = logits_at;
  work_->begins_at = begins_at;
}

void Slot::judge(const engine::Context& context) {
  std::vector<TokenRecord> records;
  if (evaluated() == 0) records.push_back({.token = prompt().front(), .probs = std::nullopt});
  const std::size_t judging = std::min(work_->in_batch, prompt().size() - evaluated() - 1);
  for (std::size_t i = 0; i < judging; ++i) {
    const engine::Token token = prompt()[evaluated() + i + 1];
    records.push_back(
        {.token = token, .probs = logprobs_of(context, work_->begins_at + static_cast<int>(i), token, *job().request().logprobs)});
  }
  job().push("", std::move(records));
}

void Slot::batch_evaluated() {
  if (answers()) {
    tokens_.push_back(pending());
  } else {
    auto from = prompt().begin() + static_cast<std::ptrdiff_t>(tokens_.size());
    tokens_.insert(tokens_.end(), from, from + static_cast<std::ptrdiff_t>(work_->in_batch));
  }
  work_->in_batch = 0;
}

std::optional<FinishReason> Slot::advance(const engine::Context& context, const engine::Vocabulary& vocabulary) {
  const JobRequest& request = job().request();
  auto decided = work_->thinking.decided();
  engine::Token token = decided ? *decided : work_->sampler.sample(context, work_->logits_at);
  if (!work_->first_token) work_->first_token = Clock::now();
  ++work_->generated;
  if (vocabulary.ends_generation(token)) {
    pass_on(work_->stops.finish());
    return FinishReason::stop;
  }
  std::string piece = vocabulary.piece(token);
  work_->sampler.accept(token, !work_->thinking.thinks());
  work_->thinking.saw(piece);
  if (request.logprobs) {
    auto probs = engine::logprobs_of(context, work_->logits_at, token, *request.logprobs);
    work_->records.push_back({.record = {.token = token, .probs = std::move(probs)}, .begins = work_->text_made});
  }
  work_->text_made += piece.size();
  pass_on(work_->stops.feed(piece));
  if (work_->stops.stopped()) return FinishReason::stop;
  if (work_->generated >= request.max_tokens) {
    pass_on(work_->stops.finish());
    return FinishReason::length;
  }
  work_->pending = token;
  return std::nullopt;
}

// With the tokens that its text begins: a token that a stop string swallows whole is not reported.
void Slot::pass_on(std::string_view text) {
  work_->text_passed += text.size();
  std::vector<TokenRecord> records;
  auto& held = work_->records;
  for (; !held.empty() && (held.front().begins < work_->text_passed || work_->text_passed == work_->text_made); held.pop_front()) {
    records.push_back(std::move(held.front().record));
  }
  job().push(text, std::move(records));
}

Finish Slot::finish(FinishReason reason) const {
  auto now = Clock::now();
  auto first = work_->first_token.value_or(now);
  return {
      .reason = reason,
      .prompt_tokens = prompt().size(),
      .cached_tokens = work_->reused,
      .completion_tokens = work_->generated,
      .reasoning_tokens = work_->thinking.tokens(),
      .timings = {.queued = between(job().arrived(), work_->begun), .prompt = between(work_->begun, first), .answer = between(first, now)}};
}

}  // namespace worker::serve
