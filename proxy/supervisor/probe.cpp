#include "proxy/supervisor/probe.hpp"

#include <algorithm>
#include <format>

#include "common/openai_error.hpp"

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

common::HttpRequest json_request(const char* path, const Json& body) {
  return {.method = "POST", .target = path, .fields = {{"Content-Type", "application/json"}}, .body = common::dump_json(body)};
}

// Whether the answer has a list of that name with something in it.
Result<void> judge(const char* path, const char* list, const common::HttpResponse& response) {
  auto body = common::parse_json(response.body);
  const bool answered = body && body->is_object() && body->contains(list) && !(*body)[list].empty();
  if (response.head.status == 200 && answered) return {};
  return common::fail(ErrorKind::load_failed, std::format("asked for {} once, it answered with status {}: {}", path, response.head.status,
                                                          response.body.substr(0, kQuoted)));
}

const char* path_of(ServerProbe probe) { return probe == ServerProbe::completion ? "/v1/completions" : "/v1/chat/completions"; }

// Servers answer 404 as well when they do not know the model, and other statuses when theirs is for something else.
bool lacks_route(const common::HttpResponse& response) {
  constexpr unsigned kStatuses[] = {404, 405, 501};
  const std::string said = common::from_openai_error(response.body, ErrorKind::load_failed).message();
  if (said.contains("does not support")) return response.head.status >= 400;
  const bool names_model = said.contains("model") || said.contains("Model");
  return std::ranges::contains(kStatuses, response.head.status) && (response.head.status != 404 || !names_model);
}

}  // namespace

common::HttpRequest probe_request(Purpose purpose) {
  const Question question = question_for(purpose);
  return json_request(question.path, question.body);
}

common::HttpRequest probe_request(Purpose purpose, const std::string& model) {
  Question question = question_for(purpose);
  question.body["model"] = model;
  return json_request(question.path, question.body);
}

Result<void> judge_probe(Purpose purpose, const common::HttpResponse& response) {
  const Question question = question_for(purpose);
  return judge(question.path, question.answer, response);
}

namespace {

asio::awaitable<Result<common::HttpResponse>> ask(common::ServerAddress address, common::HttpRequest request) {
  auto client = co_await common::HttpClient::connect(std::move(address));
  if (!client) co_return common::fail(client.error());
  auto response = co_await client->exchange(std::move(request));
  co_return response;
}

}  // namespace

asio::awaitable<Result<void>> probe(common::ServerAddress address, Purpose purpose) {
  auto asking = ask(std::move(address), probe_request(purpose));
  auto response = co_await std::move(asking);
  if (!response) co_return common::fail(response.error());
  co_return judge_probe(purpose, *response);
}

common::HttpRequest probe_request(ServerProbe probe, const std::string& model) {
  Json body{{"model", model}, {"max_tokens", 1}, {"temperature", 0}};
  if (probe == ServerProbe::completion) body["prompt"] = "1";
  else body["messages"] = Json::array({Json{{"role", "user"}, {"content", "1"}}});
  return json_request(path_of(probe), body);
}

std::optional<Result<void>> judge_probe(ServerProbe probe, const common::HttpResponse& response) {
  if (lacks_route(response)) return std::nullopt;
  return judge(path_of(probe), "choices", response);
}

asio::awaitable<Result<void>> probe_server(common::ServerAddress address, std::string model, Purpose purpose) {
  if (purpose != Purpose::generation) {
    auto asking = ask(std::move(address), probe_request(purpose, model));
    auto response = co_await std::move(asking);
    if (!response) co_return common::fail(response.error());
    if (auto answered = judge_probe(purpose, *response); !answered)
      co_return common::fail(ErrorKind::load_failed,
                             std::format("{} (purpose in the registry says {})", answered.error().message(), to_string(purpose)));
    co_return Result<void>();
  }
  for (const ServerProbe probe : {ServerProbe::completion, ServerProbe::chat}) {
    auto asking = ask(address, probe_request(probe, model));
    auto response = co_await std::move(asking);
    if (!response) co_return common::fail(response.error());
    if (auto verdict = judge_probe(probe, *response)) co_return *verdict;
  }
  co_return Result<void>();
}

}  // namespace proxy::supervisor
