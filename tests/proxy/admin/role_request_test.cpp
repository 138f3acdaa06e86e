#include "proxy/admin/role_request.hpp"

#include <gmock/gmock.h>

#include "proxy/admin/reload_request.hpp"

namespace proxy::admin {
namespace {

using testing::HasSubstr;

std::string problem(std::string_view body) {
  auto request = read_role_request(body);
  return request ? "" : request.error().param().value_or("-") + "; " + request.error().message();
}

TEST(RoleRequest, ReadsTheModelAndWhen) {
  auto plain = read_role_request(R"({"model":"a/b"})");
  ASSERT_TRUE(plain) << plain.error().message();
  EXPECT_EQ(plain->model, "a/b");
  EXPECT_FALSE(plain->when_idle || plain->after_load || plain->force);
  auto all = read_role_request(R"({"when_idle":true,"after_load":true,"force":true,"model":"m"})");
  ASSERT_TRUE(all) << all.error().message();
  EXPECT_TRUE(all->when_idle && all->after_load && all->force);
}

TEST(RoleRequest, SaysWhichFieldIsWrongAndWhatToDo) {
  EXPECT_THAT(problem("{}"), HasSubstr("model; model: it is missing; send {\"model\": \"an id\"}"));
  EXPECT_THAT(problem(R"({"model":""})"), HasSubstr("model; model: the id of a model is expected"));
  EXPECT_THAT(problem(R"({"model":5})"), HasSubstr("a string"));
  EXPECT_THAT(problem(R"({"model":"m","when_idle":1})"), HasSubstr("when_idle; when_idle: true or false"));
  EXPECT_THAT(problem(R"({"model":"m","when_ide":true})"), HasSubstr("did you mean when_idle?"));
  EXPECT_THAT(problem("[]"), HasSubstr("an object is expected"));
  EXPECT_THAT(problem("{"), HasSubstr("not valid JSON"));
}

TEST(ReloadRequest, CarriesATextOrNothing) {
  EXPECT_EQ(*read_reload_request(""), std::nullopt);
  EXPECT_EQ(*read_reload_request("{}"), std::nullopt);
  EXPECT_EQ(**read_reload_request(R"({"text":"{ \n}"})"), "{ \n}");
  EXPECT_THAT(read_reload_request(R"({"text":{}})").error().message(), HasSubstr("as a string"));
  EXPECT_THAT(read_reload_request(R"({"models":{}})").error().message(), HasSubstr("unknown field \"models\""));
  EXPECT_THAT(read_reload_request("[]").error().message(), HasSubstr("an object"));
}

}  // namespace
}  // namespace proxy::admin
