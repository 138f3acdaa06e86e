#include "worker/serve/answer.hpp"

#include <chrono>
#include <random>

#include "worker/serve/choices.hpp"
#include "worker/serve/exchange.hpp"

namespace worker::serve {

using common::Json;

namespace {

std::int64_t unix_time() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch().count(); }

double ms(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1000; }

// In llama-server's words, and how long the request waited for a slot.
Json timings_of(const Finish& finish) {
  auto rate = [](std::uint64_t tokens, std::chrono::microseconds time) {
    return time.count() > 0 ? static_cast<double>(tokens) * 1e6 / static_cast<double>(time.count()) : 0.0;
  };
  std::uint64_t evaluated = finish.prompt_tokens - finish.cached_tokens;
  return Json{{"queue_ms", ms(finish.timings.queued)},
              {"cache_n", finish.cached_tokens},
              {"prompt_n", evaluated},
              {"prompt_ms", ms(finish.timings.prompt)},
              {"prompt_per_second", rate(evaluated, finish.timings.prompt)},
              {"predicted_n", finish.completion_tokens},
              {"predicted_ms", ms(finish.timings.answer)},
              {"predicted_per_second", rate(finish.completion_tokens, finish.timings.answer)}};
}

}  // namespace

Reply::Reply(const Prepared& prepared, std::string model, const engine::Vocabulary& vocabulary)
    : model_(std::move(model)), created_(unix_time()), include_usage_(prepared.include_usage) {
  bool chat = prepared.surface == Surface::chat;
  object_ = chat ? "chat.completion" : "text_completion";
  chunk_object_ = chat ? "chat.completion.chunk" : "text_completion";
  id_ = fresh_id(chat ? "chatcmpl-" : "cmpl-");
  for (std::size_t i = 0; i < prepared.jobs.size(); ++i) choices_.push_back(make_choice(prepared, vocabulary, i));
}

Json Reply::envelope(const char* object, Json choices) const {
  return Json{{"id", id_}, {"object", object}, {"created", created_}, {"model", model_}, {"choices", std::move(choices)}};
}

std::string Reply::chunks(std::vector<Json> choices, const Finish* finish) const {
  std::string events;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    Json chunk = envelope(chunk_object_, Json::array({std::move(choices[i])}));
    if (include_usage_) chunk["usage"] = nullptr;
    if (finish && i + 1 == choices.size()) chunk["timings"] = timings_of(*finish);
    events += event(chunk);
  }
  return events;
}

std::string Reply::first() {
  std::string events;
  for (auto& choice : choices_) events += chunks(choice->first());
  return events;
}

std::string Reply::more(std::size_t choice, Made made) { return chunks(choices_[choice]->more(std::move(made))); }

std::string Reply::last(std::size_t choice, const Finish& finish) { return chunks(choices_[choice]->last(finish), &finish); }

std::string Reply::end(const std::vector<Finish>& finishes) const {
  std::string events;
  if (include_usage_) {
    Json chunk = envelope(chunk_object_, Json::array());
    chunk["usage"] = usage_of(finishes);
    events = event(chunk);
  }
  return events + "data: [DONE]\n\n";
}

Json Reply::whole(std::vector<Made> made, const std::vector<Finish>& finishes) {
  Json choices = Json::array();
  for (std::size_t i = 0; i < choices_.size(); ++i) choices.push_back(choices_[i]->whole(std::move(made[i]), finishes[i]));
  Json reply = envelope(object_, std::move(choices));
  reply["usage"] = usage_of(finishes);
  reply["timings"] = timings_of(finishes.front());
  return reply;
}

Json usage_of(const std::vector<Finish>& finishes) {
  std::uint64_t answered = 0, thought = 0;
  for (const Finish& finish : finishes) {
    answered += finish.completion_tokens;
    thought += finish.reasoning_tokens;
  }
  const Finish& first = finishes.front();
  return Json{{"prompt_tokens", first.prompt_tokens},
              {"completion_tokens", answered},
              {"total_tokens", first.prompt_tokens + answered},
              {"prompt_tokens_details", {{"cached_tokens", first.cached_tokens}}},
              {"completion_tokens_details", {{"reasoning_tokens", thought}}}};
}

std::string fresh_id(std::string_view prefix) {
  static constexpr std::string_view kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  thread_local std::mt19937_64 random(std::random_device{}() ^ (std::uint64_t(std::random_device{}()) << 32));
  std::uniform_int_distribution<std::size_t> pick(0, kAlphabet.size() - 1);
  std::string id(prefix);
  for (int i = 0; i < 24; ++i) id += kAlphabet[pick(random)];
  return id;
}

}  // namespace worker::serve
