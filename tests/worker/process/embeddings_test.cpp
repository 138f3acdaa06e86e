// Embeddings over the worker's HTTP surface, from a real model with a pooling.
#include <gmock/gmock.h>

#include <cmath>
#include <cstring>

#include "tests/worker/process/models.hpp"
#include "tests/worker/process/worker_process.hpp"

namespace worker {
namespace {

using common::Json;
using testing::HasSubstr;

class WorkerEmbeddings : public testing::Test {
 protected:
  WorkerProcess& worker() {
    if (!process_) {
      process_.emplace(runner);
      process_->bring_up({.model = "vectors", .path = models().embeds(), .context_tokens = 256, .parallel = 2});
    }
    return *process_;
  }
  Json embed(const Json& body) { return worker().json("POST", "/v1/embeddings", body.dump()); }
  std::vector<double> vector(const Json& body) { return embed(body)["data"][0]["embedding"].get<std::vector<double>>(); }

  tests::LoopRunner runner;
  std::optional<WorkerProcess> process_;
};

double length(const std::vector<double>& vector) {
  double sum = 0;
  for (double value : vector) sum += value * value;
  return std::sqrt(sum);
}

TEST_F(WorkerEmbeddings, AreOneNormalisedVectorPerTextInOrder) {
  Json answer = embed({{"input", {"one text", "another, longer text", "one text", "four", "five"}}});
  EXPECT_EQ(answer["object"], "list");
  EXPECT_EQ(answer["model"], "vectors");
  ASSERT_EQ(answer["data"].size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(answer["data"][i]["index"], i);
    EXPECT_NEAR(length(answer["data"][i]["embedding"]), 1, 1e-5);
  }
  EXPECT_EQ(answer["data"][0]["embedding"].size(), 64u);
  EXPECT_NE(answer["data"][0]["embedding"], answer["data"][1]["embedding"]);
  EXPECT_EQ(answer["usage"]["prompt_tokens"], 8 + 20 + 8 + 4 + 4);
  auto alone = vector({{"input", "one text"}});
  auto beside = answer["data"][2]["embedding"].get<std::vector<double>>();
  for (std::size_t i = 0; i < alone.size(); ++i) EXPECT_NEAR(alone[i], beside[i], 1e-4);
}

TEST_F(WorkerEmbeddings, TakeTokensInPlaceOfText) {
  auto tokens = worker().json("POST", "/tokenize", R"({"content": "one text", "add_special": true})")["tokens"];
  EXPECT_EQ(vector({{"input", tokens}}), vector({{"input", "one text"}}));
}

TEST_F(WorkerEmbeddings, AreTheSameNumbersInBase64) {
  std::string text = embed({{"input", "one text"}, {"encoding_format", "base64"}})["data"][0]["embedding"];
  auto floats = vector({{"input", "one text"}});
  EXPECT_EQ(text.size(), (64 * sizeof(float) + 2) / 3 * 4);
  std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0, held = 0;
  for (char c : text.substr(0, text.find('='))) {
    bits = bits << 6 | static_cast<unsigned>(alphabet.find(c));
    if ((held += 6) >= 8) bytes += static_cast<char>(bits >> (held -= 8) & 0xFF);
  }
  ASSERT_EQ(bytes.size(), 64 * sizeof(float));
  for (std::size_t i = 0; i < floats.size(); ++i) {
    float value = 0;
    std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
    EXPECT_NEAR(value, floats[i], 1e-6);
  }
}

TEST_F(WorkerEmbeddings, CanBeCutShort) {
  auto whole = vector({{"input", "one text"}});
  auto cut = vector({{"input", "one text"}, {"dimensions", 16}});
  ASSERT_EQ(cut.size(), 16u);
  EXPECT_NEAR(length(cut), 1, 1e-5);
  EXPECT_NEAR(cut[3] / cut[0], whole[3] / whole[0], 1e-3);
}

TEST_F(WorkerEmbeddings, RefuseWhatTheyCannotDoByName) {
  struct Case {
    const char* body;
    const char* words;
  };
  for (const Case& wrong :
       {Case{R"({})", "input is required"}, Case{R"({"input": []})", "input must not be empty"},
        Case{R"({"input": 3})", "a string or an array of token ids, not 3"}, Case{R"({"input": ["a", 3]})", "input[1] must be a string"},
        Case{R"({"input": [99999]})", "token ids from 0 to"}, Case{R"({"input": ["a", ""]})", "input[1] must not be empty"},
        Case{R"({"input": "a", "dimensions": 65})", "dimensions must be between 1 and 64, not 65"},
        Case{R"({"input": "a", "encoding_format": "hex"})", "encoding_format must be"}}) {
    auto refused = worker().call("POST", "/v1/embeddings", wrong.body);
    EXPECT_EQ(refused.head.status, 400u) << wrong.body;
    EXPECT_THAT(refused.body, HasSubstr(Json(wrong.words).dump().substr(1, std::strlen(wrong.words)))) << wrong.body;
  }
  auto longer = worker().call("POST", "/v1/embeddings", Json{{"input", std::string(300, 'a')}}.dump());
  EXPECT_EQ(longer.head.status, 400u);
  EXPECT_THAT(longer.body, testing::AllOf(HasSubstr("context_length_exceeded"), HasSubstr("300"), HasSubstr("256")));
  EXPECT_THAT(worker().call("POST", "/v1/rerank", "{}").body, HasSubstr("not a reranking model"));
  EXPECT_THAT(worker().call("POST", "/v1/completions", R"({"prompt": "a"})").body, HasSubstr("generates no text"));
}

TEST_F(WorkerEmbeddings, AreRefusedByAModelThatGenerates) {
  process_.emplace(runner);
  process_->bring_up({.model = "tiny", .path = models().small(), .context_tokens = 256});
  auto refused = process_->call("POST", "/v1/embeddings", R"({"input": "a"})");
  EXPECT_EQ(refused.head.status, 400u);
  EXPECT_THAT(refused.body, HasSubstr("tiny is not an embedding model"));
}

}  // namespace
}  // namespace worker
