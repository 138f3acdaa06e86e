#include "worker/serve/choices.hpp"

#include <utility>

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
        parser_({.tools = prepared.tools, .in_reasoning = prepared.in_reasoning}) {}

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
    Json message{{"role", "assistant"}, {"content", nullptr}, {"refusal", nullptr}};
    std::string content, reasoning;
    Json calls = Json::array();
    auto add = [&](std::vector<chat::Part> parts) {
      for (chat::Part& part : parts) {
        if (auto* text = std::get_if<chat::Content>(&part)) content += text->text;
        if (auto* text = std::get_if<chat::Reasoning>(&part)) reasoning += text->text;
        if (auto* call = std::get_if<chat::ToolCall>(&part)) calls.push_back(call_object(*call));
      }
    };
    add(parser_.feed(gate_.feed(made.text)));
    add(parser_.feed(gate_.finish()));
    add(parser_.finish());
    calls_ = calls.size();
    if (!content.empty() || calls.empty()) message["content"] = std::move(content);
    if (!reasoning.empty()) message["reasoning_content"] = std::move(reasoning);
    if (!calls.empty()) message["tool_calls"] = std::move(calls);
    note(std::move(made.records));
    return Json{{"index", index_}, {"message", std::move(message)}, {"logprobs", logprobs()}, {"finish_reason", reason(finish)}};
  }

 private:
  static Json call_object(const chat::ToolCall& call) {
    return Json{{"id", fresh_id("call_")}, {"type", "function"}, {"function", {{"name", call.name}, {"arguments", call.arguments}}}};
  }

  Json delta(Json delta, Json finish_reason = nullptr) {
    return Json{{"index", index_}, {"delta", std::move(delta)}, {"logprobs", logprobs()}, {"finish_reason", std::move(finish_reason)}};
  }

  std::vector<Json> deltas(std::vector<chat::Part> parts) {
    std::vector<Json> choices;
    for (chat::Part& part : parts) {
      if (auto* text = std::get_if<chat::Content>(&part)) {
        choices.push_back(delta(Json{{"content", std::move(text->text)}}));
      } else if (auto* thought = std::get_if<chat::Reasoning>(&part)) {
        choices.push_back(delta(Json{{"reasoning_content", std::move(thought->text)}}));
      } else {
        Json call{{"index", calls_++}};
        call.update(call_object(std::get<chat::ToolCall>(part)));
        choices.push_back(delta(Json{{"tool_calls", Json::array({std::move(call)})}}));
      }
    }
    return choices;
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
      for (const engine::TokenProbability& other : record.probs.top) top.push_back(entry(other.token, other.logprob));
      Json one = entry(record.token, record.probs.chosen);
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
  std::size_t calls_ = 0;
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
      Json top = Json::object();
      for (const engine::TokenProbability& other : record.probs.top) {
        top[printable(vocabulary_.piece_with_specials(other.token))] = other.logprob;
      }
      tokens_.push_back(piece);
      logprobs_.push_back(record.probs.chosen);
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
