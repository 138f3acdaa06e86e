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
