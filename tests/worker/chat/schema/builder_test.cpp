#include "worker/chat/schema/grammar_builder.hpp"

#include "common/json.hpp"
#include "tests/worker/chat/schema/grammar_check.hpp"
#include "worker/chat/schema/limits.hpp"

namespace worker::chat::schema {
namespace {

using common::Json;
using testing::HasSubstr;
using testing::StartsWith;

TEST(GrammarBuilder, ComposesSeveralSchemasWithRulesOfTheCaller) {
  GrammarBuilder builder;
  auto weather = builder.add_schema(*common::parse_json(R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})"),
                                    "tools[0]");
  auto time = builder.add_schema(*common::parse_json(R"({"type":"object","properties":{"zone":{"enum":["utc"]}},"required":["zone"]})"),
                                 "tools[1]");
  ASSERT_TRUE(weather && time);
  EXPECT_NE(*weather, *time);
  builder.add_rule("call-weather", R"("{\"name\": \"weather\", \"arguments\": " )" + *weather + R"( "}")");
  builder.add_rule("call-time", R"("{\"name\": \"time\", \"arguments\": " )" + *time + R"( "}")");
  builder.add_rule("calls", R"("<tool_call>\n" (call-weather | call-time) "\n</tool_call>")");
  std::string grammar = builder.text("calls");
  support::Gbnf gbnf(grammar);
  const std::string good = "<tool_call>\n{\"name\": \"time\", \"arguments\": {\"zone\":\"utc\"}}\n</tool_call>";
  EXPECT_TRUE(gbnf.derives(good));
  EXPECT_FALSE(gbnf.derives("<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"zone\":\"utc\"}}\n</tool_call>"));
  EXPECT_TRUE(llama().lets_write(grammar, good));
}

TEST(GrammarBuilder, NamesTheFieldThatTheSchemaCameIn) {
  auto refused = GrammarBuilder().add_schema(*common::parse_json(R"({"uniqueItems":true})"), "tools[3].function.parameters");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().param(), "tools[3].function.parameters");
  EXPECT_EQ(refused.error().kind(), common::ErrorKind::bad_request);
}

TEST(GrammarBuilder, AnyObjectIsAnObjectAndNothingElse) {
  std::string grammar = any_object_grammar();
  EXPECT_TRUE(llama().parses(grammar));
  support::Gbnf gbnf(grammar);
  EXPECT_TRUE(gbnf.derives(R"({"a": [1, {"b": null}], "c": "d"})"));
  EXPECT_TRUE(gbnf.derives("{}"));
  for (const char* text : {"[]", "1", "\"x\"", "{} ", "{", R"({"a":})"}) EXPECT_FALSE(gbnf.derives(text)) << text;
  for (std::uint64_t seed = 0; seed < 50; ++seed) EXPECT_TRUE(nlohmann::json::accept(gbnf.generate(seed)));
}

TEST(SchemaLimits, AreTheOnesThatRefusalsName) {
  EXPECT_THAT(refusal_of(R"({"maxItems":1001})"), StartsWith("#/maxItems: 1001 is above the limit of 1000"));
  EXPECT_THAT(refusal_of(R"({"maxLength":20001})"), StartsWith("#/maxLength: 20001 is above the limit of 20000"));
  EXPECT_THAT(refusal_of(R"({"minItems":1e9})"), HasSubstr("limit of 1000"));
  EXPECT_THAT(refusal_of(R"({"type":"string","pattern":"a{2000}"})"), StartsWith("#/pattern: 2000 repetitions, the limit is 1000"));
  std::string deep = "true";
  for (int i = 0; i < 20; ++i) deep = R"({"items":[)" + deep + "]}";
  EXPECT_THAT(refusal_of(deep), HasSubstr("deeper than 32 levels"));
  std::string long_text(kMaxSchemaBytes, 'x');
  EXPECT_THAT(refusal_of(R"({"title":")" + long_text + "\"}"), HasSubstr("bytes, the limit is 65536"));
}

TEST(SchemaLimits, PatternsThatExplodeAreRefused) {
  EXPECT_THAT(refusal_of(R"({"type":"string","pattern":"^(a|b)*a(a|b){20}$"})"),
              StartsWith("#/pattern: the pattern needs more than 1500 states"));
  EXPECT_THAT(refusal_of(R"({"type":"string","pattern":"((a{500}){500}){500}"})"),
              StartsWith("#/pattern: the pattern needs more than 1500 states"));
  EXPECT_THAT(refusal_of(R"({"type":"string","pattern":")" + std::string(60, '(') + "a" + std::string(60, ')') + "\"}"),
              HasSubstr("groups nested deeper than"));
}

TEST(SchemaLimits, AlternativesThatMultiplyAreRefused) {
  std::string pairs;
  for (int i = 0; i < 10; ++i) pairs += (i > 0 ? "," : "") + std::string(R"({"anyOf":[{"minLength":1},{"maxLength":9}]})");
  EXPECT_THAT(refusal_of(R"({"allOf":[)" + pairs + "]}"), HasSubstr("512 alternatives once multiplied out, the limit is 256"));
}

TEST(SchemaLimits, ObjectsWithTooManyMembersAreRefused) {
  Json wide{{"type", "object"}, {"properties", Json::object()}};
  for (int i = 0; i < 600; ++i) wide["properties"]["m" + std::to_string(i)] = true;
  EXPECT_THAT(refusal_of(wide.dump()), HasSubstr("an object with 600 named members, the limit is 500"));
}

TEST(SchemaLimits, LongChainsOfReferencesCostNoStack) {
  Json chain{{"$defs", Json::object()}, {"$ref", "#/$defs/d0"}};
  for (int i = 0; i < 900; ++i)
    chain["$defs"]["d" + std::to_string(i)] = {{"type", "object"},
                                               {"properties", {{"n", {{"$ref", "#/$defs/d" + std::to_string(i + 1)}}}}}};
  chain["$defs"]["d900"] = {{"type", "null"}};
  EXPECT_EQ(refusal_of(chain.dump()), "");
  Json straight{{"$defs", Json::object()}, {"$ref", "#/$defs/d0"}};
  for (int i = 0; i < 900; ++i) straight["$defs"]["d" + std::to_string(i)] = {{"$ref", "#/$defs/d" + std::to_string(i + 1)}};
  straight["$defs"]["d900"] = {{"type", "null"}};
  EXPECT_THAT(refusal_of(straight.dump()), HasSubstr("more than 64 schemas refer to one another"));
}

TEST(SchemaLimits, TheLargestRepetitionsAreAcceptedByLibllama) {
  auto text = [](std::size_t length) { return '"' + std::string(length, 'a') + '"'; };
  expect(R"({"type":"string","minLength":1000,"maxLength":1000})", {text(1000)}, {text(999), text(1001)});
  expect(R"({"type":"string","minLength":1,"maxLength":1700})", {text(1), text(501), text(1000), text(1700)}, {text(0), text(1701)});
  expect(R"({"type":"string","minLength":1300,"maxLength":1400})", {text(1300), text(1400)}, {text(1299), text(1401)});
  expect(R"({"type":"string","minLength":1001})", {text(1001), text(1600)}, {text(1000)});
  grammar_of(R"({"type":"string","minLength":20000,"maxLength":20000})");
  grammar_of(R"({"type":"string","maxLength":20000})");
  grammar_of(R"({"type":"string","maxLength":1000})");
  grammar_of(
      R"({"type":"array","items":{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string","maxLength":1000}}},)"
      R"("maxItems":1000})");
}

}  // namespace
}  // namespace worker::chat::schema
