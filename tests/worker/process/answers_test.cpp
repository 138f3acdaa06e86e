// The worker's HTTP surface with a real model behind it: answers, streams, many at once, clients that leave and clients that lag.
#include <gmock/gmock.h>

#include <boost/asio/detached.hpp>

#include "tests/worker/process/models.hpp"
#include "tests/worker/process/worker_process.hpp"

namespace worker {
namespace {

using common::Json;
using testing::HasSubstr;
namespace asio = boost::asio;

struct Stream {
  std::vector<Json> chunks;
  std::string text;
  bool done = false;  // [DONE] was the last event and the body ended properly
};

class WorkerAnswers : public testing::Test {
 protected:
  WorkerProcess& worker() { return *process_; }
  void bring_up(common::Load load) {
    process_.emplace(runner);
    process_->bring_up(std::move(load));
  }
  void bring_up_small() { bring_up({.model = "tiny", .path = models().small(), .context_tokens = 2048}); }
  void bring_up_slow(std::uint64_t slots = 4) {
    bring_up({.model = "slow", .path = models().slow(), .context_tokens = 2048, .parallel = slots});
  }

  static Json chat(const std::string& extra) {
    return common::parse_json(R"({"messages": [{"role": "user", "content": "hello"}], )" + extra + "}").value();
  }
  Json ask(const Json& body) { return worker().json("POST", "/v1/chat/completions", body.dump()); }
  std::string words(const Json& body) { return ask(body)["choices"][0]["message"]["content"]; }

  common::HttpClient begin(const std::string& target, const Json& body) {
    auto client = worker().connect();
    EXPECT_TRUE(runner.run(client.send({.method = "POST", .target = target, .body = body.dump()})));
    return client;
  }
  common::HttpClient begin_stream(const Json& body) {
    auto client = begin("/v1/chat/completions", body);
    EXPECT_EQ(runner.run(client.read_head())->status, 200u);
    return client;
  }
  // Reads a stream to its end; `on_text` is called for every piece.
  asio::awaitable<Stream> read(common::HttpClient& client, std::function<void()> on_text = [] {}) {
    Stream stream;
    std::string pending;
    char space[4096];
    while (true) {
      auto size = co_await client.read_some(space);
      if (!size || *size == 0) co_return stream.done = stream.done && size, stream;
      pending.append(space, *size);
      for (std::size_t end; (end = pending.find("\n\n")) != std::string::npos; pending.erase(0, end + 2)) {
        std::string data = pending.substr(6, end - 6);
        stream.done = data == "[DONE]";
        if (stream.done) continue;
        stream.chunks.push_back(common::parse_json(data).value());
        const Json& choices = stream.chunks.back()["choices"];
        if (choices.empty() || !choices[0]["delta"].contains("content")) continue;
        stream.text += choices[0]["delta"]["content"].get<std::string>();
        on_text();
      }
    }
  }
  Json until(const char* property, std::uint64_t wanted) {
    for (int tries = 0; tries < 100000; ++tries) {
      auto props = worker().json("GET", "/props");
      if (props[property] == wanted) return props;
    }
    throw std::runtime_error(std::string(property) + " never became what was expected");
  }
  std::uint64_t tokens_when_idle() {
    while (true) {
      auto beat = worker().next_of<common::Beat>();
      if (beat.slots_busy == 0) return beat.tokens_total;
    }
  }

  tests::LoopRunner runner;
  std::optional<WorkerProcess> process_;
};

TEST_F(WorkerAnswers, AnEchoedPromptHasLogprobsToo) {
  bring_up_small();
  Json answer =
      worker().json("POST", "/v1/completions",
                    Json{{"prompt", "hello there"}, {"echo", true}, {"logprobs", 2}, {"max_tokens", 3}, {"temperature", 0}}.dump());
  const Json& choice = answer["choices"][0];
  const Json& said = choice["logprobs"];
  ASSERT_EQ(said["tokens"].size(), answer["usage"]["total_tokens"].get<std::size_t>()) << answer.dump();
  std::string joined;
  for (std::size_t i = 0; i < said["tokens"].size(); ++i) {
    EXPECT_EQ(said["text_offset"][i].get<std::size_t>(), joined.size());
    joined += said["tokens"][i].get<std::string>();
    EXPECT_EQ(said["token_logprobs"][i].is_null(), i == 0);
    EXPECT_EQ(said["top_logprobs"][i].is_null(), i == 0);
  }
  EXPECT_EQ(joined, choice["text"].get<std::string>());
  EXPECT_THAT(joined, testing::StartsWith("hello there"));
}

TEST_F(WorkerAnswers, RefusesUntilTheModelIsLoaded) {
  process_.emplace(runner);
  EXPECT_EQ(worker().json("GET", "/health")["status"], "loading");
  EXPECT_EQ(worker().json("GET", "/v1/models")["data"], Json::array());
  auto refused = worker().call("POST", "/v1/chat/completions", chat("\"n\": 1").dump());
  EXPECT_EQ(refused.head.status, 503u);
  EXPECT_THAT(refused.body, HasSubstr("\"model_not_loaded\""));
}

TEST_F(WorkerAnswers, AnswersTheSmallQuestions) {
  bring_up_small();
  EXPECT_EQ(worker().json("GET", "/health")["status"], "ok");
  EXPECT_EQ(worker().json("GET", "/v1/models")["data"][0]["id"], "tiny");
  auto props = worker().json("GET", "/props");
  EXPECT_EQ(props["context_tokens"], 2048);
  EXPECT_EQ(props["chat_template"], support::tiny_chat_template());
  auto tokens = worker().json("POST", "/tokenize", R"({"content": "a b<|im_end|>"})");
  EXPECT_EQ(tokens["tokens"].size(), 4u);
  EXPECT_EQ(worker().json("POST", "/detokenize", tokens.dump())["content"], "a b<|im_end|>");
  EXPECT_EQ(worker().call("GET", "/nowhere").head.status, 404u);
  EXPECT_EQ(worker().call("GET", "/v1/chat/completions").head.status, 405u);
  EXPECT_EQ(worker().call("POST", "/v1/chat/completions", "{").head.status, 400u);
  EXPECT_EQ(worker().call("POST", "/detokenize", R"({"tokens": [99999]})").head.status, 400u);
}

TEST_F(WorkerAnswers, ServesManyRequestsOnOneConnection) {
  bring_up_small();
  auto client = worker().connect();
  for (int i = 0; i < 3; ++i) {
    auto response =
        runner.run(client.exchange({.method = "POST", .target = "/v1/chat/completions", .body = chat("\"max_tokens\": 2").dump()}));
    ASSERT_TRUE(response) << response.error().message();
    EXPECT_EQ(response->head.status, 200u);
    ASSERT_TRUE(runner.run(
        client.send({.method = "POST", .target = "/v1/chat/completions", .body = chat("\"max_tokens\": 2, \"stream\": true").dump()})));
    ASSERT_TRUE(runner.run(client.read_head()));
    EXPECT_TRUE(runner.run(read(client)).done);
  }
}

TEST_F(WorkerAnswers, AnswersAChatWhole) {
  bring_up_small();
  auto answer = ask(chat("\"max_tokens\": 7, \"model\": \"tiny\""));
  EXPECT_EQ(answer["model"], "tiny");
  EXPECT_EQ(answer["choices"][0]["message"]["role"], "assistant");
  EXPECT_EQ(answer["choices"][0]["finish_reason"], "length");
  EXPECT_EQ(answer["usage"]["completion_tokens"], 7);
  EXPECT_EQ(answer["usage"]["prompt_tokens_details"]["cached_tokens"], 0);
}

TEST_F(WorkerAnswers, RefusesAnotherModelsName) {
  bring_up_small();
  auto refused = worker().call("POST", "/v1/chat/completions", chat("\"model\": \"large\"").dump());
  EXPECT_EQ(refused.head.status, 503u);
  EXPECT_THAT(refused.body, testing::AllOf(HasSubstr("tiny"), HasSubstr("large"), HasSubstr("model_not_loaded")));
}

TEST_F(WorkerAnswers, RepeatsItselfForASeedAndForTemperatureZero) {
  bring_up_small();
  auto seeded = chat("\"max_tokens\": 40, \"seed\": 7");
  EXPECT_EQ(words(seeded), words(seeded));
  EXPECT_NE(words(seeded), words(chat("\"max_tokens\": 40, \"seed\": 8")));
  auto greedy = chat("\"max_tokens\": 40, \"temperature\": 0");
  EXPECT_EQ(words(greedy), words(greedy));
}

TEST_F(WorkerAnswers, StreamsTheSameTextAsItAnswersWhole) {
  bring_up_small();
  auto client = begin_stream(chat(R"("max_tokens": 60, "seed": 7, "stream": true, "stream_options": {"include_usage": true})"));
  auto stream = runner.run(read(client));
  EXPECT_TRUE(stream.done);
  EXPECT_EQ(stream.text, words(chat("\"max_tokens\": 60, \"seed\": 7")));
  EXPECT_EQ(stream.chunks[0]["choices"][0]["delta"]["role"], "assistant");
  EXPECT_EQ(stream.chunks.back()["usage"]["completion_tokens"], 60);
}

TEST_F(WorkerAnswers, StopsBeforeAStopString) {
  bring_up_small();
  std::string whole = words(chat("\"max_tokens\": 60, \"seed\": 7"));
  std::string stop = whole.substr(20, 3);
  auto stopped = chat("\"max_tokens\": 60, \"seed\": 7");
  stopped["stop"] = stop;
  auto answer = ask(stopped);
  EXPECT_EQ(answer["choices"][0]["message"]["content"], whole.substr(0, whole.find(stop)));
  EXPECT_EQ(answer["choices"][0]["finish_reason"], "stop");
  EXPECT_LT(answer["usage"]["completion_tokens"], 60);
}

TEST_F(WorkerAnswers, KeepsWithinTheContext) {
  bring_up({.model = "tiny", .path = models().small(), .context_tokens = 256});
  Json fits{{"prompt", std::string(200, 'a')}, {"max_tokens", 1000}};
  auto clipped = worker().json("POST", "/v1/completions", fits.dump());
  EXPECT_EQ(clipped["usage"]["total_tokens"], 256);
  EXPECT_EQ(clipped["choices"][0]["finish_reason"], "length");
  auto refused = worker().call("POST", "/v1/completions", Json{{"prompt", std::string(300, 'a')}}.dump());
  EXPECT_EQ(refused.head.status, 400u);
  EXPECT_THAT(refused.body, testing::AllOf(HasSubstr("context_length_exceeded"), HasSubstr("300"), HasSubstr("256")));

  fits["context_tokens"] = 220;
  EXPECT_EQ(worker().json("POST", "/v1/completions", fits.dump())["usage"]["total_tokens"], 220) << "a request may have less of it";
  refused = worker().call("POST", "/v1/completions", Json{{"prompt", std::string(200, 'a')}, {"context_tokens", 150}}.dump());
  EXPECT_EQ(refused.head.status, 400u);
  EXPECT_THAT(refused.body, testing::AllOf(HasSubstr("context_length_exceeded"), HasSubstr("this request may fill 150 tokens")));
  fits["context_tokens"] = 5000;
  EXPECT_EQ(worker().json("POST", "/v1/completions", fits.dump())["usage"]["total_tokens"], 256) << "and no more than there is";
}

TEST_F(WorkerAnswers, RefusesABodyThatIsTooLargeAndSaysSo) {
  bring_up_small();
  auto client = worker().connect();
  common::HttpRequest request{.method = "POST", .target = "/v1/completions", .body = std::string((32 << 20) + 1, ' ')};
  auto response = runner.run(client.exchange(std::move(request)));
  ASSERT_TRUE(response) << response.error().message();
  EXPECT_EQ(response->head.status, 413u);
}

TEST_F(WorkerAnswers, RunsStreamsSideBySide) {
  bring_up_slow();
  auto request = [](int seed) { return chat("\"max_tokens\": 60, \"stream\": true, \"seed\": " + std::to_string(seed)); };
  auto one = begin("/v1/chat/completions", request(1));
  auto two = begin("/v1/chat/completions", request(2));
  EXPECT_TRUE(runner.run(one.read_head()));
  EXPECT_TRUE(runner.run(two.read_head()));
  std::string order;
  int ended = 0;
  auto note = [&](std::exception_ptr failure, Stream stream) {
    EXPECT_FALSE(failure);
    EXPECT_TRUE(stream.done);
    ++ended;
  };
  asio::co_spawn(runner.loop(), read(one, [&] { order += '1'; }), note);
  asio::co_spawn(runner.loop(), read(two, [&] { order += '2'; }), note);
  runner.run_until([&] { return ended == 2; });
  auto changes = 0;
  for (std::size_t i = 1; i < order.size(); ++i) changes += order[i] != order[i - 1];
  EXPECT_GT(changes, 20) << order;
}

TEST_F(WorkerAnswers, QueuesWhatHasNoSlotAndServesItInTurn) {
  bring_up({.model = "tiny", .path = models().small(), .context_tokens = 512, .parallel = 1});
  std::vector<common::HttpClient> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(begin("/v1/chat/completions", chat("\"max_tokens\": 30, \"seed\": 3")));
  std::string text;
  for (auto& client : clients) {
    ASSERT_EQ(runner.run(client.read_head())->status, 200u);
    std::string body;
    char space[4096];
    while (auto size = *runner.run(client.read_some(space))) body.append(space, size);
    std::string words = common::parse_json(body).value()["choices"][0]["message"]["content"];
    if (!text.empty()) {
      EXPECT_EQ(words, text);
    }
    text = words;
  }
}

TEST_F(WorkerAnswers, StopsWorkingForAStreamWhoseClientLeft) {
  bring_up_slow();
  auto client = begin_stream(chat("\"max_tokens\": 1500, \"stream\": true"));
  client.close();
  EXPECT_LT(tokens_when_idle(), 20u);
}

TEST_F(WorkerAnswers, StopsWorkingForAWholeAnswerWhoseClientLeft) {
  bring_up_slow();
  auto client = begin("/v1/chat/completions", chat("\"max_tokens\": 1500"));
  until("slots_busy", 1);
  client.close();
  auto tokens = tokens_when_idle();
  EXPECT_LT(tokens, 50u);
  EXPECT_EQ(worker().json("GET", "/props")["tokens_total"], tokens);
}

TEST_F(WorkerAnswers, StopsReadingThePromptOfAClientThatLeft) {
  bring_up_slow();
  auto client = begin("/v1/completions", Json{{"prompt", std::string(2000, 'a')}});
  until("slots_busy", 1);
  client.close();
  EXPECT_EQ(tokens_when_idle(), 0u);
}

TEST_F(WorkerAnswers, ForgetsAQueuedRequestWhoseClientLeft) {
  bring_up_slow(1);
  auto runs = begin_stream(chat("\"max_tokens\": 1500, \"stream\": true"));
  auto waits = begin("/v1/chat/completions", chat("\"max_tokens\": 1500"));
  until("requests_waiting", 1);
  waits.close();
  until("requests_waiting", 0);
  runs.close();
  EXPECT_LT(tokens_when_idle(), 500u);
}

TEST_F(WorkerAnswers, NoticesALeavingClientBehindPipelinedBytes) {
  bring_up_slow();
  auto client = begin_stream(chat("\"max_tokens\": 1500, \"stream\": true"));
  EXPECT_TRUE(runner.run(client.send({.target = "/health"})));
  client.close();
  EXPECT_LT(tokens_when_idle(), 100u);
}

TEST_F(WorkerAnswers, WaitsForASlowReaderWithoutHoldingAnyoneUp) {
  bring_up_small();
  auto request = chat("\"max_tokens\": 600, \"seed\": 5");
  auto streamed = request;
  streamed["stream"] = true;
  streamed["logprobs"] = true;  // a kilobyte a token: more than the socket takes, however few events a busy machine makes of them
  streamed["top_logprobs"] = 10;
  auto lagging = begin_stream(streamed);
  auto paused_at = tokens_when_idle();  // nobody reads: its slot waits
  EXPECT_LT(paused_at, 600u);
  std::string whole = words(request);  // another client is served meanwhile
  auto stream = runner.run(read(lagging));
  EXPECT_TRUE(stream.done);
  EXPECT_EQ(stream.text, whole);
}

TEST_F(WorkerAnswers, OffersToolsToTheTemplate) {
  bring_up_small();
  auto plain = ask(chat("\"max_tokens\": 1"));
  auto with_tools =
      ask(chat(R"("max_tokens": 1, "tools": [{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}])"));
  EXPECT_GT(with_tools["usage"]["prompt_tokens"], plain["usage"]["prompt_tokens"]);
}

}  // namespace
}  // namespace worker
