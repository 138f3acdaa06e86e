#include "proxy/api/parcel.hpp"

#include <gtest/gtest.h>

namespace proxy::api {
namespace {

constexpr const char* kChat = "/v1/chat/completions";

Parcel parcel(std::string_view body) { return Parcel(*common::parse_json(body)); }

registry::Model server(std::string served_name) {
  return {.id = "m", .command = common::CommandLine{.served_model_name = std::move(served_name)}};
}

TEST(Parcel, ForAWorkerOfOurOwnItIsWhatItWas) {
  const std::string body = R"({"model":"m","messages":[{"role":"user","content":"a \"b\""}],"context_tokens":9})";
  EXPECT_EQ(parcel(body).text(), body);
  EXPECT_EQ(parcel(body).for_worker({.id = "m", .sampling = {{"top_k", 1}}, .enforced = {{"top_p", 1}}}, kChat), body)
      << "it knows them itself";
  EXPECT_EQ(parcel("{}").text(), "{}");
}

TEST(Parcel, AServerIsAskedByItsOwnNameAndNotInOurWords) {
  EXPECT_EQ(parcel(R"({"model":"m","context_tokens":9,"a":[1,{"b":null}]})").for_worker(server("org/M"), "/v1/embeddings"),
            R"({"model":"org/M","a":[1,{"b":null}]})");
  EXPECT_EQ(parcel(R"({"model":"m"})").for_worker(server(""), kChat), R"({"model":"m"})");
}

TEST(Parcel, AServerGetsTheSamplingOfTheRegistryWithEachRequestForText) {
  registry::Model model = server("");
  model.sampling = {{"temperature", 0.3}, {"top_k", 7}, {"min_p", 0.1}};
  model.enforced = {{"top_p", 0.5}};
  EXPECT_EQ(parcel(R"({"model":"m","temperature":1,"top_p":0.9,"min_p":null})").for_worker(model, kChat),
            R"({"model":"m","temperature":1,"top_p":0.5,"min_p":0.1,"top_k":7})");
  EXPECT_EQ(parcel(R"({"model":"m"})").for_worker(model, "/v1/rerank"), R"({"model":"m"})");
}

TEST(Parcel, ALimitOfTokensIsOneLimitUnderAllItsNames) {
  registry::Model model = server("");
  model.sampling = {{"max_tokens", 9}};
  EXPECT_EQ(parcel(R"({"n_predict":5})").for_worker(model, kChat), R"({"n_predict":5})");
  EXPECT_EQ(parcel("{}").for_worker(model, kChat), R"({"max_tokens":9})");
  model.enforced = {{"max_tokens", 4}};
  EXPECT_EQ(parcel(R"({"max_completion_tokens":50,"n_predict":70})").for_worker(model, kChat), R"({"max_tokens":4})");
}

}  // namespace
}  // namespace proxy::api
