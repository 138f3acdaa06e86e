#include "common/json.hpp"

#include <gtest/gtest.h>

namespace common {
namespace {

std::string problem(std::string_view text) {
  auto parsed = parse_json(text);
  return parsed ? "" : parsed.error().message();
}

TEST(Json, KeepsTheOrderOfKeys) {
  auto parsed = parse_json(R"({"z":1,"a":[true,null,{"y":"é"}],"m":1.5})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(dump_json(*parsed), R"({"z":1,"a":[true,null,{"y":"é"}],"m":1.5})");
}

TEST(Json, SaysWhereItIsBroken) {
  EXPECT_NE(problem("{\"a\": 1,\n  oops}").find("line 2, column 3"), std::string::npos) << problem("{\"a\": 1,\n  oops}");
}

TEST(Json, RefusesDuplicateKeysAtAnyDepth) {
  EXPECT_NE(problem(R"({"a":1,"a":2})").find("\"a\" appears twice"), std::string::npos);
  EXPECT_NE(problem(R"([{"b":{"k":1,"x":0,"k":2}}])").find("\"k\" appears twice"), std::string::npos);
  EXPECT_EQ(problem(R"([{"k":1},{"k":1}])"), "");
}

TEST(Json, RefusesWhatIsNestedDeeperThanItsLimit) {
  EXPECT_EQ(problem(std::string(kMaxJsonDepth, '[') + std::string(kMaxJsonDepth, ']')), "");
  EXPECT_NE(problem(std::string(kMaxJsonDepth + 1, '[') + std::string(kMaxJsonDepth + 1, ']')).find("64 levels"), std::string::npos);
  EXPECT_NE(problem(std::string(1'000'000, '[')), "");
}

TEST(Json, RefusesInvalidUtf8InfinityAndTrailingText) {
  EXPECT_NE(problem("\"\xff\""), "");
  EXPECT_NE(problem("1e999"), "");
  EXPECT_NE(problem("{} {}"), "");
  EXPECT_NE(problem(""), "");
}

}  // namespace
}  // namespace common
