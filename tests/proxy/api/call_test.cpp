#include "proxy/api/call.hpp"

#include <gtest/gtest.h>

#include "common/openai_error.hpp"

namespace proxy::api {
namespace {

TEST(Call, TakesModelAndStream) {
  auto call = parse_call(R"({"model":"coding","stream":true,"anything":[1]})");
  ASSERT_TRUE(call);
  EXPECT_EQ(call->model, "coding");
  EXPECT_TRUE(call->stream);
}

TEST(Call, AsksForTheDefaultRoleWithoutAModel) { EXPECT_EQ(parse_call("{}")->model, "default"); }

TEST(Call, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(parse_call(R"({"model":7})").error().param(), "model");
  EXPECT_EQ(parse_call(R"({"model":""})").error().param(), "model");
  EXPECT_EQ(parse_call(R"({"stream":"yes"})").error().param(), "stream");
  EXPECT_FALSE(parse_call("[]"));
  EXPECT_FALSE(parse_call("{\"model\":\"a\",\"model\":\"b\"}"));
}

std::string with_terms(const registry::RoleTerms& terms, std::string_view body) {
  common::Json json = *common::parse_json(body);
  apply_registry({}, &terms, json);
  return common::dump_json(json);
}

TEST(ApplyTerms, WhatARoleEnforcesHoldsAndItsSamplingOnlyWhereTheRequestSaysNothing) {
  const registry::RoleTerms terms{.fallback = {}, .sampling = {{"temperature", 0.2}, {"top_k", 5}}, .enforced = {{"top_p", 0.5}}};
  EXPECT_EQ(with_terms(terms, R"({"temperature":1,"top_p":0.9})"), R"({"temperature":1,"top_p":0.5,"top_k":5})");
  EXPECT_EQ(with_terms(terms, R"({"temperature":null})"), R"({"temperature":0.2,"top_k":5,"top_p":0.5})");
  EXPECT_EQ(with_terms({}, R"({"a":1})"), R"({"a":1})");
}

TEST(ApplyTerms, ALimitOfTokensIsOneLimitUnderAllItsNames) {
  const registry::RoleTerms usual{.fallback = {}, .sampling = {{"max_tokens", 9}}};
  EXPECT_EQ(with_terms(usual, R"({"max_completion_tokens":5})"), R"({"max_completion_tokens":5})");
  EXPECT_EQ(with_terms(usual, R"({"n_predict":5})"), R"({"n_predict":5})");
  EXPECT_EQ(with_terms(usual, "{}"), R"({"max_tokens":9})");
  const registry::RoleTerms enforced{.fallback = {}, .sampling = {}, .enforced = {{"max_tokens", 9}}};
  EXPECT_EQ(with_terms(enforced, R"({"max_completion_tokens":50,"n_predict":70})"), R"({"max_tokens":9})");
}

TEST(ApplyTerms, TheContextOfARoleIsACapAndNoMinimum) {
  const registry::RoleTerms terms{.context_tokens = 1000};
  EXPECT_EQ(with_terms(terms, "{}"), R"({"context_tokens":1000})");
  EXPECT_EQ(with_terms(terms, R"({"context_tokens":500})"), R"({"context_tokens":500})");
  EXPECT_EQ(with_terms(terms, R"({"context_tokens":5000})"), R"({"context_tokens":1000})");
  EXPECT_EQ(with_terms(terms, R"({"context_tokens":-1})"), R"({"context_tokens":1000})");
}

TEST(ApplyRegistry, FieldsAreTakenOutFirstAndSetLast) {
  const auto with = [](const registry::RequestEdits& edits, const registry::RoleTerms* terms, std::string_view body) {
    common::Json json = *common::parse_json(body);
    apply_registry(edits, terms, json);
    return common::dump_json(json);
  };
  const registry::RequestEdits edits{.strip_fields = {"temperature", "user"}, .set_fields = {{"seed", 7}, {"provider", {{"only", "a"}}}}};
  EXPECT_EQ(with(edits, nullptr, R"({"temperature":1,"seed":1,"user":"me","top_k":3})"), R"({"seed":7,"top_k":3,"provider":{"only":"a"}})");
  const registry::RoleTerms terms{.enforced = {{"temperature", 0.5}}, .set_fields = {{"seed", 9}, {"stop", {"x"}}}};
  EXPECT_EQ(with(edits, &terms, R"({"temperature":1})"), R"({"temperature":0.5,"seed":9,"provider":{"only":"a"},"stop":["x"]})")
      << "what a role says is not taken out, and stands before the model's";
  EXPECT_EQ(with({}, nullptr, R"({"a":1})"), R"({"a":1})");
}

TEST(OpenAiError, HasAllFourFields) {
  const common::Json body = common::openai_error(common::Error(common::ErrorKind::model_not_found, "no such").in("model"));
  EXPECT_EQ(common::dump_json(body),
            R"({"error":{"message":"no such","type":"not_found_error","param":"model","code":"model_not_found"}})");
  EXPECT_EQ(common::http_status(common::ErrorKind::queue_full), 503u);
  EXPECT_EQ(common::from_openai_error(common::dump_json(body), common::ErrorKind::internal).message(), "no such");
  EXPECT_EQ(common::from_openai_error("<html>", common::ErrorKind::internal).message(), "<html>");
}

TEST(OpenAiError, WhatAServerSaysIsReadWithItsKindAndItsField) {
  const common::Error too_long = common::Error(common::ErrorKind::context_length_exceeded, "too long").in("messages");
  const common::Error read = common::refusal_of(common::dump_json(common::openai_error(too_long)), 400);
  EXPECT_EQ(read.kind(), too_long.kind());
  EXPECT_EQ(read.message(), "too long");
  EXPECT_EQ(read.param(), "messages");
  EXPECT_EQ(common::refusal_of(R"({"error":{"message":"m","code":"of somebody else"}})", 404).kind(), common::ErrorKind::bad_request);
  EXPECT_EQ(common::refusal_of(R"({"error":{"message":"m","code":500,"param":null}})", 500).kind(), common::ErrorKind::internal);
  EXPECT_EQ(common::refusal_of("<html>", 502).message(), "<html>");
}

}  // namespace
}  // namespace proxy::api
