#include "worker/chat/tools.hpp"

#include <gtest/gtest.h>

namespace worker::chat {
namespace {

using common::Json;

TEST(Tools, NameTheOnlyParameterOfAToolWhateverItsSchemaSays) {
  auto named = [](const char* function) {
    Json tool{{"type", "function"}, {"function", common::parse_json(function).value()}};
    return Tools(Json::array({std::move(tool)})).only_parameter("f");
  };
  EXPECT_EQ(named(R"({"name": "f", "parameters": {"properties": {"city": {"type": "string"}}}})"), "city");
  EXPECT_EQ(named(R"({"name": "f", "parameters": {"properties": {"a": {}, "b": {}}}})"), "");
  EXPECT_EQ(named(R"({"name": "g", "parameters": {"properties": {"city": {}}}})"), "") << "another tool";
  EXPECT_EQ(named(R"({"name": "f"})"), "");
  EXPECT_EQ(named(R"({"name": "f", "parameters": null})"), "");
  EXPECT_EQ(named(R"({"name": "f", "parameters": {"properties": null}})"), "");
  EXPECT_EQ(named(R"({"name": "f", "parameters": {"properties": "city"}})"), "");
  EXPECT_EQ(named(R"({"name": "f", "parameters": {"properties": ["city"]}})"), "");
  EXPECT_EQ(Tools().only_parameter("f"), "") << "no tools are known";
}

}  // namespace
}  // namespace worker::chat
