#include "worker/serve/choices.hpp"

#include <utility>

#include "common/overloaded.hpp"
#include "worker/chat/output_parser.hpp"
#include "worker/chat/utf8.hpp"

namespace worker::serve {

using common::Json;

namespace {

// Valid UTF-8, whatever part of a character a token is; the exact bytes stand beside it.
std::string printable(std::string_view bytes) {
  chat::Utf8Gate gate;
  std::string text = gate.feed(bytes);
  return text + gate.finish();
}

class ChatChoice final : public Choice {
 public:
  ChatChoice(const Prepared& prepared, const engine::Vocabulary& vocabulary, std::size_t index)
      : vocabulary_(vocabulary),
        index_(index),
        wants_logprobs_(prepared.logprobs),
        parser_({.tools = prepared.tools,
                 .in_reasoning = prepared.in_reasoning,
                 .family = prepared.family,
                 .definitions = prepared.tool_definitions}) {}

  std::vector<Json> first() override { return {delta(Json{{"role", "assistant"}, {"content", ""}})}; }

  std::vector<Json> more(Made made) override {
    note(std::move(made.records));
    return deltas(parser_.feed(gate_.feed(made.text)));
  }

  std::vector<Json> last(const Finish& finish) override {
    std::vector<Json> choices = deltas(parser_.feed(gate_.finish()));
    for (Json& choice : deltas(parser_.finish())) choices.push_back(std::move(choice));
    choices.push_back(delta(Json::object(), reason(finish)));
    return choices;
  }

  Json whole(Made made, const Finish& finish) override {
    Whole all;
    all.add(parser_.feed(gate_.feed(made.text)));
    all.add(parser_.feed(gate_.finish()));
    all.add(parser_.finish());
    calls_ = all.calls.size();
    Json message{{"role", "assistant"}, {"content", nullptr}, {"refusal", nullptr}};
    if (!all.content.empty() || all.calls.empty()) message["content"] = std::move(all.content);
    if (!all.reasoning.empty()) message["reasoning_content"] = std::move(all.reasoning);
    if (!all.calls.empty()) message["tool_calls"] = std::move(all.calls);
    note(std::move(made.records));
    return Json{{"index", index_}, {"message", std::move(message)}, {"logprobs", logprobs()}, {"finish_reason", reason(finish)}};
  }

  chat::ParserCounts counts() const override { return parser_.counts(); }

 private:
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

  Json delta(Json delta, Json finish_reason = nullptr) {
    return Json{{"index", index_}, {"delta", std::move(delta)}, {"logprobs", logprobs()}, {"finish_reason", std::move(finish_reason)}};
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
    std::vector<Json> choices;
    for (Json& made : deltas) choices.push_back(delta(std::move(made)));
    return choices;
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

  Json entry(engine::Token token, float logprob) const {
    std::string piece = vocabulary_.piece_with_specials(token);
    Json bytes = Json::array();
    for (unsigned char c : piece) bytes.push_back(c);
    return Json{{"token", printable(piece)}, {"bytes", std::move(bytes)}, {"logprob", logprob}};
  }

  void note(std::vector<TokenRecord> records) {
    for (const TokenRecord& record : records) {
      Json top = Json::array();
      for (const engine::TokenProbability& other : record.probs->top) top.push_back(entry(other.token, other.logprob));
      Json one = entry(record.token, record.probs->chosen);
      one["top_logprobs"] = std::move(top);
      noted_.push_back(std::move(one));
    }
  }

  // Of the tokens since the last chunk: markup and held text may make a chunk later than its tokens.
  Json logprobs() {
    if (!wants_logprobs_) return nullptr;
    return Json{{"content", std::exchange(noted_, Json::array())}, {"refusal", nullptr}};
  }

  const char* reason(const Finish& finish) const {
    if (finish.reason == FinishReason::length) return "length";
    return calls_ > 0 ? "tool_calls" : "stop";
  }

  const engine::Vocabulary& vocabulary_;
  std::size_t index_;
  bool wants_logprobs_;
  Json noted_ = Json::array();
  chat::Utf8Gate gate_;
  chat::OutputParser parser_;
  std::size_t calls_ = 0;  // that make sense
};

class TextChoice final : public Choice {
 public:
  TextChoice(const Prepared& prepared, const engine::Vocabulary& vocabulary, std::size_t index)
      : vocabulary_(vocabulary), index_(index), wants_logprobs_(prepared.logprobs), echo_(prepared.echo) {}

  std::vector<Json> first() override { return text(printable(std::exchange(echo_, {}))); }

  std::vector<Json> more(Made made) override {
    note(made.records);
    return text(gate_.feed(made.text));
  }

  std::vector<Json> last(const Finish& finish) override {
    std::vector<Json> choices = text(gate_.finish());
    choices.push_back(choice("", reason(finish)));
    return choices;
  }

  Json whole(Made made, const Finish& finish) override {
    note(made.records);
    std::string all = printable(echo_);
    all += gate_.feed(made.text);
    all += gate_.finish();
    return choice(std::move(all), reason(finish));
  }

 private:
  Json choice(std::string text, Json finish_reason) {
    return Json{{"text", std::move(text)}, {"index", index_}, {"logprobs", logprobs()}, {"finish_reason", std::move(finish_reason)}};
  }
  std::vector<Json> text(std::string words) {
    if (words.empty()) return {};
    return {choice(std::move(words), nullptr)};
  }

  void note(const std::vector<TokenRecord>& records) {
    for (const TokenRecord& record : records) {
      std::string piece = printable(vocabulary_.piece_with_specials(record.token));
      Json top = record.probs ? Json::object() : Json(nullptr);
      for (const engine::TokenProbability& other : record.probs ? record.probs->top : std::vector<engine::TokenProbability>()) {
        top[printable(vocabulary_.piece_with_specials(other.token))] = other.logprob;
      }
      tokens_.push_back(piece);
      logprobs_.push_back(record.probs ? Json(record.probs->chosen) : Json(nullptr));
      top_.push_back(std::move(top));
      offsets_.push_back(offset_);
      offset_ += piece.size();
    }
  }

  Json logprobs() {
    if (!wants_logprobs_) return nullptr;
    return Json{{"tokens", std::exchange(tokens_, Json::array())},
                {"token_logprobs", std::exchange(logprobs_, Json::array())},
                {"top_logprobs", std::exchange(top_, Json::array())},
                {"text_offset", std::exchange(offsets_, Json::array())}};
  }

  static const char* reason(const Finish& finish) { return finish.reason == FinishReason::length ? "length" : "stop"; }

  const engine::Vocabulary& vocabulary_;
  std::size_t index_;
  bool wants_logprobs_;
  std::string echo_;
  chat::Utf8Gate gate_;
  Json tokens_ = Json::array(), logprobs_ = Json::array(), top_ = Json::array(), offsets_ = Json::array();
  std::size_t offset_ = 0;
};

}  // namespace

std::unique_ptr<Choice> make_choice(const Prepared& prepared, const engine::Vocabulary& vocabulary, std::size_t index) {
  if (prepared.surface == Surface::chat) return std::make_unique<ChatChoice>(prepared, vocabulary, index);
  return std::make_unique<TextChoice>(prepared, vocabulary, index);
}

}  // namespace worker::serve
