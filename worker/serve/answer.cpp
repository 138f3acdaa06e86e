#include "worker/serve/answer.hpp"

#include <chrono>
#include <random>

#include "worker/chat/utf8.hpp"
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

class OpenAiReply final : public Reply {
 public:
  OpenAiReply(const Prepared& prepared, std::string model, const engine::Vocabulary& vocabulary)
      : model_(std::move(model)), include_usage_(prepared.include_usage) {
    bool chat = prepared.surface == Surface::chat;
    object_ = chat ? "chat.completion" : "text_completion";
    chunk_object_ = chat ? "chat.completion.chunk" : "text_completion";
    id_ = fresh_id(chat ? "chatcmpl-" : "cmpl-");
    for (std::size_t i = 0; i < prepared.jobs.size(); ++i) choices_.push_back(make_choice(prepared, vocabulary, i));
  }

  std::string first() override {
    std::string events;
    for (auto& choice : choices_) events += chunks(choice->first());
    return events;
  }

  std::string more(std::size_t choice, Made made) override { return chunks(choices_[choice]->more(std::move(made))); }

  std::string last(std::size_t choice, const Finish& finish) override { return chunks(choices_[choice]->last(finish), &finish); }

  std::string end(const std::vector<Finish>& finishes) override {
    std::string events;
    if (include_usage_) {
      Json chunk = envelope(chunk_object_, Json::array());
      chunk["usage"] = usage_of(finishes);
      events = event(chunk);
    }
    return events + "data: [DONE]\n\n";
  }

  Json whole(std::vector<Made> made, const std::vector<Finish>& finishes) override {
    Json choices = Json::array();
    for (std::size_t i = 0; i < choices_.size(); ++i) choices.push_back(choices_[i]->whole(std::move(made[i]), finishes[i]));
    Json reply = envelope(object_, std::move(choices));
    reply["usage"] = usage_of(finishes);
    reply["timings"] = timings_of(finishes.front());
    return reply;
  }

  chat::ParserCounts counts() const override {
    chat::ParserCounts all;
    for (const auto& choice : choices_) {
      all.repaired += choice->counts().repaired;
      all.malformed += choice->counts().malformed;
    }
    return all;
  }

 private:
  Json envelope(const char* object, Json choices) const {
    return Json{{"id", id_}, {"object", object}, {"created", created_}, {"model", model_}, {"choices", std::move(choices)}};
  }

  std::string chunks(std::vector<Json> choices, const Finish* finish = nullptr) const {
    std::string events;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      Json chunk = envelope(chunk_object_, Json::array({std::move(choices[i])}));
      if (include_usage_) chunk["usage"] = nullptr;
      if (finish && i + 1 == choices.size()) chunk["timings"] = timings_of(*finish);
      events += event(chunk);
    }
    return events;
  }

  std::string model_;
  std::vector<std::unique_ptr<Choice>> choices_;
  const char* object_;
  const char* chunk_object_;
  std::string id_;
  std::int64_t created_ = unix_time();
  bool include_usage_;
};

// As editors' completion plugins read it from llama-server: one text, no choices, no [DONE].
class InfillReply final : public Reply {
 public:
  explicit InfillReply(std::string model) : model_(std::move(model)) {}

  std::string first() override { return ""; }

  std::string more(std::size_t, Made made) override {
    std::string text = gate_.feed(made.text);
    return text.empty() ? "" : event(Json{{"index", 0}, {"content", std::move(text)}, {"stop", false}});
  }

  std::string last(std::size_t, const Finish& finish) override { return event(final(gate_.finish(), finish)); }

  std::string end(const std::vector<Finish>&) override { return ""; }

  Json whole(std::vector<Made> made, const std::vector<Finish>& finishes) override {
    std::string text = gate_.feed(made[0].text);
    text += gate_.finish();
    return final(std::move(text), finishes[0]);
  }

 private:
  Json final(std::string text, const Finish& finish) const {
    return Json{{"index", 0},
                {"content", std::move(text)},
                {"model", model_},
                {"stop", true},
                {"stop_type", finish.reason == FinishReason::length ? "limit" : "eos"},
                {"truncated", false},
                {"tokens_predicted", finish.completion_tokens},
                {"tokens_evaluated", finish.prompt_tokens},
                {"tokens_cached", finish.cached_tokens},
                {"timings", timings_of(finish)}};
  }

  std::string model_;
  chat::Utf8Gate gate_;
};

}  // namespace

std::unique_ptr<Reply> make_reply(const Prepared& prepared, std::string model, const engine::Vocabulary& vocabulary) {
  if (prepared.surface == Surface::infill) return std::make_unique<InfillReply>(std::move(model));
  return std::make_unique<OpenAiReply>(prepared, std::move(model), vocabulary);
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
