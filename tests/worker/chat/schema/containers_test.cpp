#include "tests/worker/chat/schema/grammar_check.hpp"

namespace worker::chat::schema {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(SchemaArrays, ItemsHoldForEveryItem) {
  expect(R"({"type":"array","items":{"type":"integer"}})", {"[]", "[1]", "[1,2, 3]"}, {"[\"x\"]", "[1,null]", "[1"});
  expect(R"({"type":"array","items":false})", {"[]"}, {"[1]"});
}

TEST(SchemaArrays, MinItemsAndMaxItemsBoundTheNumber) {
  expect(R"({"type":"array","items":{"type":"null"},"minItems":1,"maxItems":3})", {"[null]", "[null,null,null]"},
         {"[]", "[null,null,null,null]"});
  expect(R"({"type":"array","minItems":2})", {"[1,2]", "[1,2,3]"}, {"[]", "[1]"});
  expect(R"({"type":"array","maxItems":0})", {"[]"}, {"[1]"});
  expect(R"({"type":"array","maxItems":1})", {"[]", "[1]"}, {"[1,2]"});
  EXPECT_EQ(refusal_of(R"({"type":"array","minItems":2,"maxItems":1})"), "#: no value satisfies the schema");
  EXPECT_EQ(refusal_of(R"({"type":"array","minItems":1,"items":false})"), "#: no value satisfies the schema");
}

TEST(SchemaArrays, TuplesHaveASchemaForEachPlace) {
  for (const char* schema : {R"({"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"items":{"type":"null"}})",
                             R"({"type":"array","items":[{"type":"integer"},{"type":"string"}],"additionalItems":{"type":"null"}})"})
    expect(schema, {"[]", "[1]", "[1,\"a\"]", "[1,\"a\",null,null]"}, {"[\"a\"]", "[1,1]", "[1,\"a\",1]"});
  expect(R"({"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"items":false,"minItems":2})", {"[1,\"a\"]"},
         {"[]", "[1]", "[1,\"a\",1]"});
  expect(R"({"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"minItems":3,"maxItems":4})",
         {"[1,\"a\",1]", "[1,\"a\",1,{}]"}, {"[1,\"a\"]", "[1,\"a\",1,1,1]"});
  expect(R"({"type":"array","prefixItems":[true,false,true]})", {"[]", "[1]"}, {"[1,1]"});
  expect(R"({"type":"array","items":{"type":"null"},"additionalItems":false})", {"[null,null]"}, {"[1]"});
}

TEST(SchemaArrays, UniqueItemsIsRefusedUnlessOneItemIsTheMost) {
  EXPECT_EQ(refusal_of(R"({"properties":{"a":{"type":"array","uniqueItems":true}}})"),
            "#/properties/a/uniqueItems: a grammar cannot say this");
  expect(R"({"type":"array","uniqueItems":true,"maxItems":1})", {"[]", "[1]"}, {"[1,2]"});
  expect(R"({"type":"array","uniqueItems":false})", {"[1,1]"}, {});
}

TEST(SchemaArrays, ContainsIsRefused) {
  EXPECT_THAT(refusal_of(R"({"contains":{"type":"integer"}})"), StartsWith("#/contains:"));
  EXPECT_THAT(refusal_of(R"({"unevaluatedItems":false})"), StartsWith("#/unevaluatedItems:"));
}

TEST(SchemaObjects, MembersComeInTheOrderOfTheSchema) {
  const char* schema =
      R"({"type":"object","properties":{"z":{"type":"integer"},"a":{"type":"string"},"m":{"type":"null"}},"required":["m","a","z"]})";
  expect(schema, {R"({"z":1,"a":"x","m":null})", "{\n  \"z\": 1,\n  \"a\": \"x\",\n  \"m\": null\n}"},
         {R"({"a":"x","z":1,"m":null})", R"({"z":1,"a":"x"})", "{}"});
}

TEST(SchemaObjects, OptionalMembersMayBeLeftOutWithTheirCommas) {
  const char* schema = R"({"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"},"c":{"type":"null"}},"required":["b"]})";
  expect(schema, {R"({"b":null})", R"({"a":null,"b":null})", R"({"b":null,"c":null})", R"({"a":null,"b":null,"c":null})"},
         {"{}", R"({"a":null})", R"({,"b":null})", R"({"b":null,})", R"({"a":null"b":null})", R"({"a":1,"b":null})"});
  expect(R"({"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"}}})", {"{}", R"({"a":null})", R"({"b":null})"},
         {R"({"b":null,"a":null})"});
}

TEST(SchemaObjects, OtherMembersAreWrittenOnlyWhereTheSchemaSpeaksOfThem) {
  expect(R"({"type":"object","properties":{"a":{"type":"null"}}})", {"{}", R"({"a":null})"}, {R"({"b":1})", R"({"a":null,"b":1})"});
  expect(R"({"type":"object","properties":{"a":{"type":"null"}},"additionalProperties":{"type":"integer"}})",
         {R"({"a":null,"b":1,"c":2})", R"({"b":1})"}, {R"({"b":"x"})", R"({"a":1})", R"({"b":1,"a":null})"});
  expect(R"({"type":"object","properties":{"a":{"type":"null"}},"additionalProperties":false})", {R"({"a":null})"}, {R"({"b":1})"});
  expect(R"({"type":"object","additionalProperties":{"type":"boolean"}})", {"{}", R"({"":true,"x":false})"}, {R"({"x":1})"});
  expect(R"({"type":"object","additionalProperties":false})", {"{}", "{ }"}, {R"({"x":1})"});
}

TEST(SchemaObjects, ARequiredMemberNeedsNoSchemaOfItsOwn) {
  expect(R"({"type":"object","required":["b","a"]})", {R"({"b":1,"a":2})", R"({"b":1,"a":2,"c":3})"}, {R"({"a":2})", "{}"});
  expect(R"({"type":"object","required":["x"],"additionalProperties":{"type":"null"}})", {R"({"x":null})"}, {R"({"x":1})", "{}"});
  EXPECT_EQ(refusal_of(R"({"type":"object","required":["x"],"additionalProperties":false})"), "#: no value satisfies the schema");
}

TEST(SchemaObjects, ANameCannotBeWrittenASecondWay) {
  const char* schema = R"({"type":"object","properties":{"foo":{"type":"integer"}},"additionalProperties":{"type":"string"}})";
  expect(schema, {R"({"foo":1,"fo":"x","fooo":"y"})", R"({"bar":"x"})"},
         {R"({"foo":"x"})", R"({"foo":1,"foo":"x"})", R"({"\u0066oo":"x"})", R"({"f\u006fo":"x"})"});
}

TEST(SchemaObjects, PatternPropertiesHoldForTheNamesTheyMatch) {
  const char* schema =
      R"({"type":"object","properties":{"x1":{"maximum":5}},"patternProperties":{"^x":{"type":"integer"},"9$":{"minimum":9}},)"
      R"("additionalProperties":{"type":"null"}})";
  expect(schema, {R"({"x1":3,"x2":7,"b":null})", R"({"x9":10,"a9":9.5})", R"({"a9":"not a number"})"},
         {R"({"x1":9})", R"({"x1":"a"})", R"({"x2":"a"})", R"({"x9":1})", R"({"x9":9.5})", R"({"a9":1})", R"({"b":1})"});
  expect(R"({"type":"object","patternProperties":{"^x":{"type":"integer"}}})", {R"({"x":1})", "{}"}, {R"({"x":"a"})", R"({"y":1})"});
}

TEST(SchemaObjects, PropertyNamesBoundEveryName) {
  expect(R"({"type":"object","propertyNames":{"pattern":"^[a-z]+$","maxLength":3}})", {R"({"a":1,"abc":2})"},
         {R"({"A":1})", R"({"abcd":1})", R"({"":1})"});
  expect(R"({"type":"object","propertyNames":{"enum":["a","b"]},"additionalProperties":{"type":"null"}})", {R"({"b":null})"},
         {R"({"c":null})"});
  expect(R"({"type":"object","properties":{"a":true,"long":true},"propertyNames":{"maxLength":2}})", {R"({"a":1})"}, {R"({"long":1})"});
  expect(R"({"type":"object","propertyNames":false})", {"{}"}, {R"({"a":1})"});
}

TEST(SchemaObjects, MinPropertiesAndMaxPropertiesCountMembers) {
  const char* schema =
      R"({"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"},"c":{"type":"null"}},"minProperties":1,"maxProperties":2})";
  expect(schema, {R"({"a":null})", R"({"c":null})", R"({"a":null,"c":null})"}, {"{}", R"({"a":null,"b":null,"c":null})"});
  expect(R"({"type":"object","minProperties":1})", {R"({"a":1})", R"({"a":1,"b":2})"}, {"{}"});
  expect(R"({"type":"object","maxProperties":1})", {"{}", R"({"a":1})"}, {R"({"a":1,"b":2})"});
  expect(R"({"type":"object","maxProperties":0})", {"{}"}, {R"({"a":1})"});
  expect(R"({"type":"object","required":["a"],"minProperties":2})", {R"({"a":1,"b":2})"}, {R"({"a":1})"});
  EXPECT_THAT(refusal_of(R"({"type":"object","minProperties":2})"), StartsWith("#/minProperties: only 0 of 2 members"));
  EXPECT_EQ(refusal_of(R"({"type":"object","properties":{"a":true},"additionalProperties":false,"minProperties":2})"),
            "#: no value satisfies the schema");
}

TEST(SchemaObjects, DependenciesHoldWhereTheirMemberIs) {
  expect(R"({"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"}},"dependentRequired":{"a":["b"]}})",
         {"{}", R"({"b":null})", R"({"a":null,"b":null})"}, {R"({"a":null})"});
  expect(R"({"properties":{"a":{"type":"null"},"b":{}},"dependencies":{"a":{"properties":{"b":{"type":"integer"}}}}})",
         {R"({"a":null,"b":1})", R"({"b":"x"})", R"({"a":null})", "7"}, {R"({"a":null,"b":"x"})"});
}

TEST(SchemaObjects, WhatCannotBeFinishedIsNotBegun) {
  expect(R"({"type":"object","properties":{"a":{"type":"null"},"b":{"type":"string","enum":[1]}}})", {"{}", R"({"a":null})"}, {});
  EXPECT_EQ(refusal_of(R"({"type":"object","properties":{"next":{"$ref":"#"}},"required":["next"]})"), "#: no value satisfies the schema");
  EXPECT_THAT(refusal_of(R"({"unevaluatedProperties":false})"), StartsWith("#/unevaluatedProperties:"));
}

}  // namespace
}  // namespace worker::chat::schema
