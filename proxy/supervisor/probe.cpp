#include "proxy/supervisor/probe.hpp"

#include <format>

namespace proxy::supervisor {

namespace asio = boost::asio;
using common::ErrorKind;
using common::Json;
using common::Purpose;
using common::Result;

namespace {

constexpr std::size_t kQuoted = 200;  // bytes of an answer that an error quotes

struct Question {
  const char* path;
  Json body;
  const char* answer;  // the list in the answer that must not be empty
};

// No "model": a worker answers for the one it holds.
Question question_for(Purpose purpose) {
  switch (purpose) {
    case Purpose::embedding: return {"/v1/embeddings", {{"input", "1"}}, "data"};
    case Purpose::reranking: return {"/v1/rerank", {{"query", "1"}, {"documents", {"1"}}}, "results"};
    case Purpose::counting: return {"/tokenize", {{"content", "1"}}, "tokens"};
    case Purpose::generation: break;
  }
  return {"/v1/completions", {{"prompt", "1"}, {"max_tokens", 1}, {"temperature", 0}}, "choices"};
}

}  // namespace

common::HttpRequest probe_request(Purpose purpose) {
  Question question = question_for(purpose);
  return {.method = "POST",
          .target = question.path,
          .fields = {{"Content-Type", "application/json"}},
          .body = common::dump_json(question.body)};
}

Result<void> judge_probe(Purpose purpose, const common::HttpResponse& response) {
  const Question question = question_for(purpose);
  auto body = common::parse_json(response.body);
  const bool answered = body && body->is_object() && body->contains(question.answer) && !(*body)[question.answer].empty();
  if (response.head.status == 200 && answered) return {};
  return common::fail(ErrorKind::load_failed, std::format("asked for {} once, it answered with status {}: {}", question.path,
                                                          response.head.status, response.body.substr(0, kQuoted)));
}

asio::awaitable<Result<void>> probe(std::string data_socket, Purpose purpose) {
  auto client = co_await common::HttpClient::connect_unix(std::move(data_socket));
  if (!client) co_return common::fail(client.error());
  auto request = probe_request(purpose);
  auto response = co_await client->exchange(std::move(request));
  if (!response) co_return common::fail(response.error());
  co_return judge_probe(purpose, *response);
}

}  // namespace proxy::supervisor
