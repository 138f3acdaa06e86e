#include "proxy/supervisor/probe.hpp"

#include <gmock/gmock.h>

namespace proxy::supervisor {
namespace {

using common::Purpose;
using testing::HasSubstr;

TEST(Probe, AsksEachModelForWhatItIsFor) {
  EXPECT_EQ(probe_request(Purpose::generation).target, "/v1/completions");
  EXPECT_EQ(*common::parse_json(probe_request(Purpose::generation).body),
            *common::parse_json(R"({"prompt":"1","max_tokens":1,"temperature":0})"));
  EXPECT_EQ(probe_request(Purpose::embedding).target, "/v1/embeddings");
  EXPECT_EQ(probe_request(Purpose::reranking).target, "/v1/rerank");
  EXPECT_EQ(probe_request(Purpose::counting).target, "/tokenize");
}

TEST(Probe, AServerOfSomebodyElseIsAskedByTheNameThatItGivesItsModel) {
  EXPECT_EQ(probe_request(ServerProbe::completion, "m").target, "/v1/completions");
  EXPECT_EQ((*common::parse_json(probe_request(ServerProbe::completion, "m").body))["model"], "m");
  EXPECT_EQ(probe_request(ServerProbe::chat, "m").target, "/v1/chat/completions");
  EXPECT_TRUE((*common::parse_json(probe_request(ServerProbe::chat, "m").body))["messages"].is_array());
}

TEST(Probe, AServerThatTheRegistrySaysEmbedsIsAskedForThat) {
  const auto request = probe_request(Purpose::embedding, "theirs");
  EXPECT_EQ(request.target, "/v1/embeddings");
  EXPECT_EQ((*common::parse_json(request.body))["model"], "theirs");
  EXPECT_EQ(probe_request(Purpose::reranking, "theirs").target, "/v1/rerank");
}

TEST(Probe, OfARouteThatAServerDoesNotHaveNothingFollows) {
  auto judged = [](unsigned status, std::string body) {
    return judge_probe(ServerProbe::completion, {{.status = status}, std::move(body)});
  };
  EXPECT_FALSE(judged(404, R"({"detail":"Not Found"})"));
  EXPECT_FALSE(judged(404, R"({"error":{"code":404,"message":"File Not Found","type":"not_found_error"}})"));
  EXPECT_FALSE(judged(405, ""));
  EXPECT_FALSE(judged(501, R"({"error":{"message":"This server does not support completions. Start it without `--embeddings`"}})"));
  EXPECT_FALSE(judged(400, R"({"error":{"message":"The model does not support Completions API"}})"));
  ASSERT_TRUE(judged(200, R"({"choices":[{"text":"a"}]})"));
  EXPECT_TRUE(judged(200, R"({"choices":[{"text":"a"}]})")->has_value());
  const auto wrong_name = judged(404, R"({"error":{"message":"The model `m` does not exist.","code":404}})");
  ASSERT_TRUE(wrong_name);
  EXPECT_FALSE(wrong_name->has_value());
  EXPECT_THAT(wrong_name->error().message(), HasSubstr("does not exist"));
  ASSERT_TRUE(judged(500, "{}"));
  EXPECT_FALSE(judged(500, "{}")->has_value());
}

TEST(Probe, OnlyARealAnswerCounts) {
  auto judged = [](unsigned status, std::string body) { return judge_probe(Purpose::generation, {{.status = status}, std::move(body)}); };
  EXPECT_TRUE(judged(200, R"({"choices":[{"text":"a"}]})"));
  for (const char* body : {"", "{", "[]", "{}", R"({"choices":[]})", R"({"choices":null})", R"({"data":[1]})"})
    EXPECT_FALSE(judged(200, body)) << body;
  auto refused = judged(500, R"({"choices":[{"text":"a"}],"error":"broken"})");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), testing::AllOf(HasSubstr("status 500"), HasSubstr("broken")));
  EXPECT_LT(judged(500, std::string(100000, 'x')).error().message().size(), 1000u);
}

}  // namespace
}  // namespace proxy::supervisor
