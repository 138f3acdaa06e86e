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

TEST(OpenAiError, HasAllFourFields) {
  const common::Json body = common::openai_error(common::Error(common::ErrorKind::model_not_found, "no such").in("model"));
  EXPECT_EQ(common::dump_json(body),
            R"({"error":{"message":"no such","type":"not_found_error","param":"model","code":"model_not_found"}})");
  EXPECT_EQ(common::http_status(common::ErrorKind::queue_full), 503u);
  EXPECT_EQ(common::from_openai_error(common::dump_json(body), common::ErrorKind::internal).message(), "no such");
  EXPECT_EQ(common::from_openai_error("<html>", common::ErrorKind::internal).message(), "<html>");
}

}  // namespace
}  // namespace proxy::api
