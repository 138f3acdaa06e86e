#include "worker/serve/answer.hpp"

#include <chrono>
#include <random>

#include "common/overloaded.hpp"
#include "worker/chat/output_parser.hpp"
#include "worker/chat/utf8.hpp"

namespace worker::serve {

using common::Json;

namespace {

std::int64_t unix_time() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch().count(); }

// What chunks and answers of both surfaces have in common.
struct Envelope {
  std::string id;
  std::string model;
  bool include_usage;
  std::int64_t created = unix_time();

  Json chunk(const char* object, Json choices) const {
    Json chunk{{"id", id}, {"object", object}, {"created", created}, {"model", model}, {"choices", std::move(choices)}};
    if (include_usage) chunk["usage"] = nullptr;
    return chunk;
  }
  Json whole(const char* object, Json choice, const Finish& finish) const {
    return Json{{"id", id},
                {"object", object},
                {"created", created},
                {"model", model},
                {"choices", Json::array({std::move(choice)})},
                {"usage", usage_of(finish)}};
  }
  void add_usage_chunk(std::vector<Json>& chunks, const char* object, const Finish& finish) const {
    if (!include_usage) return;
    Json last = chunk(object, Json::array());
    last["usage"] = usage_of(finish);
    chunks.push_back(std::move(last));
  }
};

class ChatAnswer final : public Answer {
 public:
  ChatAnswer(const Prepared& prepared, std::string model)
      : envelope_{fresh_id("chatcmpl-"), std::move(model), prepared.include_usage},
        parser_({.tools = prepared.tools,
                 .in_reasoning = prepared.in_reasoning,
                 .family = prepared.family,
                 .definitions = prepared.tool_definitions}) {}

  std::vector<Json> first() override { return {delta(Json{{"role", "assistant"}, {"content", ""}})}; }

  std::vector<Json> more(std::string_view bytes) override { return deltas(parser_.feed(gate_.feed(bytes))); }

  std::vector<Json> last(const Finish& finish) override {
    std::vector<Json> chunks = deltas(parser_.feed(gate_.finish()));
    for (Json& chunk : deltas(parser_.finish())) chunks.push_back(std::move(chunk));
    chunks.push_back(delta(Json::object(), reason(finish)));
    envelope_.add_usage_chunk(chunks, kChunk, finish);
    return chunks;
  }

  Json whole(std::string_view bytes, const Finish& finish) override {
    Whole all;
    all.add(parser_.feed(gate_.feed(bytes)));
    all.add(parser_.feed(gate_.finish()));
    all.add(parser_.finish());
    calls_ = all.calls.size();
    Json message{{"role", "assistant"}, {"content", nullptr}, {"refusal", nullptr}};
    if (!all.content.empty() || all.calls.empty()) message["content"] = std::move(all.content);
    if (!all.reasoning.empty()) message["reasoning_content"] = std::move(all.reasoning);
    if (!all.calls.empty()) message["tool_calls"] = std::move(all.calls);
    Json choice{{"index", 0}, {"message", std::move(message)}, {"logprobs", nullptr}, {"finish_reason", reason(finish)}};
    return envelope_.whole("chat.completion", std::move(choice), finish);
  }

  chat::ParserCounts counts() const override { return parser_.counts(); }

 private:
  static constexpr const char* kChunk = "chat.completion.chunk";

  static Json call_object(const chat::CallStart& call) {
    std::string id = call.id.empty() ? fresh_id("call_") : call.id;
    return Json{{"id", std::move(id)}, {"type", "function"}, {"function", {{"name", call.name}, {"arguments", ""}}}};
  }

  // An answer that is given at once. A call that turned out to make no sense is said instead of being made.
  struct Whole {
    std::string content, reasoning;
    Json calls = Json::array();

    void add(std::vector<chat::Part> parts) {
      for (chat::Part& part : parts) {
        std::visit(common::Overloaded{
                       [&](chat::Content& text) { content += text.text; }, [&](chat::Reasoning& text) { reasoning += text.text; },
                       [&](chat::CallStart& call) { calls.push_back(call_object(call)); },
                       [&](chat::CallArguments& more) { calls.back()["function"]["arguments"].get_ref<std::string&>() += more.text; },
                       [&](chat::MalformedCall& call) {
                         content += call.text;
                         if (call.index) calls.erase(calls.size() - 1);
                       }},
                   part);
      }
    }
  };

  Json delta(Json delta, Json finish_reason = nullptr) const {
    Json choice{{"index", 0}, {"delta", std::move(delta)}, {"logprobs", nullptr}, {"finish_reason", std::move(finish_reason)}};
    return envelope_.chunk(kChunk, Json::array({std::move(choice)}));
  }

  // A call and the arguments that came with it make one chunk. One that makes no sense is said, unless the client has seen its beginning.
  std::vector<Json> deltas(std::vector<chat::Part> parts) {
    std::vector<Json> deltas;
    bool open = false;  // the last delta is of the call whose arguments may follow
    for (chat::Part& part : parts) {
      bool more = std::holds_alternative<chat::CallArguments>(part);
      if (more && open) {
        deltas.back()["tool_calls"][0]["function"]["arguments"] = std::move(std::get<chat::CallArguments>(part).text);
        open = false;
        continue;
      }
      open = std::holds_alternative<chat::CallStart>(part);
      if (Json made = delta_of(part); !made.is_null()) deltas.push_back(std::move(made));
    }
    std::vector<Json> chunks;
    for (Json& made : deltas) chunks.push_back(delta(std::move(made)));
    return chunks;
  }

  Json delta_of(chat::Part& part) {
    return std::visit(common::Overloaded{[](chat::Content& text) { return Json{{"content", std::move(text.text)}}; },
                                         [](chat::Reasoning& text) { return Json{{"reasoning_content", std::move(text.text)}}; },
                                         [this](chat::CallStart& call) {
                                           ++calls_;
                                           Json begun{{"index", call.index}};
                                           begun.update(call_object(call));
                                           return Json{{"tool_calls", Json::array({std::move(begun)})}};
                                         },
                                         [](chat::CallArguments& more) {
                                           Json piece{{"index", more.index}, {"function", {{"arguments", std::move(more.text)}}}};
                                           return Json{{"tool_calls", Json::array({std::move(piece)})}};
                                         },
                                         [this](chat::MalformedCall& call) {
                                           if (call.index) --calls_;
                                           bool said = !call.index && !call.text.empty();
                                           return said ? Json{{"content", std::move(call.text)}} : Json(nullptr);
                                         }},
                      part);
  }

  const char* reason(const Finish& finish) const {
    if (finish.reason == FinishReason::length) return "length";
    return calls_ > 0 ? "tool_calls" : "stop";
  }

  Envelope envelope_;
  chat::Utf8Gate gate_;
  chat::OutputParser parser_;
  std::size_t calls_ = 0;  // that make sense
};

class TextAnswer final : public Answer {
 public:
  TextAnswer(const Prepared& prepared, std::string model) : envelope_{fresh_id("cmpl-"), std::move(model), prepared.include_usage} {}

  std::vector<Json> first() override { return {}; }

  std::vector<Json> more(std::string_view bytes) override { return text(gate_.feed(bytes)); }

  std::vector<Json> last(const Finish& finish) override {
    std::vector<Json> chunks = text(gate_.finish());
    chunks.push_back(envelope_.chunk(kObject, Json::array({choice("", reason(finish))})));
    envelope_.add_usage_chunk(chunks, kObject, finish);
    return chunks;
  }

  Json whole(std::string_view bytes, const Finish& finish) override {
    std::string all = gate_.feed(bytes);
    all += gate_.finish();
    return envelope_.whole(kObject, choice(std::move(all), reason(finish)), finish);
  }

 private:
  static constexpr const char* kObject = "text_completion";

  static Json choice(std::string text, Json finish_reason) {
    return Json{{"text", std::move(text)}, {"index", 0}, {"logprobs", nullptr}, {"finish_reason", std::move(finish_reason)}};
  }
  std::vector<Json> text(std::string words) const {
    if (words.empty()) return {};
    return {envelope_.chunk(kObject, Json::array({choice(std::move(words), nullptr)}))};
  }
  static const char* reason(const Finish& finish) { return finish.reason == FinishReason::length ? "length" : "stop"; }

  Envelope envelope_;
  chat::Utf8Gate gate_;
};

}  // namespace

std::unique_ptr<Answer> make_answer(const Prepared& prepared, std::string model) {
  if (prepared.surface == Surface::chat) return std::make_unique<ChatAnswer>(prepared, std::move(model));
  return std::make_unique<TextAnswer>(prepared, std::move(model));
}

Json usage_of(const Finish& finish) {
  return Json{{"prompt_tokens", finish.prompt_tokens},
              {"completion_tokens", finish.completion_tokens},
              {"total_tokens", finish.prompt_tokens + finish.completion_tokens},
              {"prompt_tokens_details", {{"cached_tokens", finish.cached_tokens}}}};
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
