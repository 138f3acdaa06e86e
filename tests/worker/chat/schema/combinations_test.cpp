#include "tests/worker/chat/schema/grammar_check.hpp"

namespace worker::chat::schema {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(SchemaCombinations, AnyOfDerivesEachAlternative) {
  expect(R"({"anyOf":[{"type":"integer"},{"type":"null"}]})", {"1", "null"}, {"\"x\"", "1.5"});
  expect(R"({"type":"string","anyOf":[{"maxLength":1},{"pattern":"^ab"}]})", {"\"x\"", "\"abc\""}, {"\"xy\"", "1"});
  expect(R"({"anyOf":[{"minLength":2},{"type":"null"}],"type":["string","null"]})", {"null", "\"ab\""}, {"\"a\""});
  EXPECT_EQ(refusal_of(R"({"anyOf":[false,false]})"), "#: no value satisfies the schema");
}

TEST(SchemaCombinations, AllOfJoinsWhatItsPartsSay) {
  expect(
      R"({"allOf":[{"properties":{"a":{"type":"integer"}},"required":["a"]},{"properties":{"b":{"type":"string"}},"required":["b"]}],)"
      R"("type":"object"})",
      {R"({"a":1,"b":"x"})"}, {R"({"a":1})", R"({"a":"x","b":"x"})"});
  expect(R"({"allOf":[{"minimum":2},{"maximum":3}],"type":"integer"})", {"2", "3"}, {"1", "4"});
  expect(R"({"allOf":[{"properties":{"a":{"minimum":1}}},{"properties":{"a":{"type":"integer","maximum":2}}}],"type":"object"})",
         {R"({"a":1})", R"({"a":2})"}, {R"({"a":0})", R"({"a":3})", R"({"a":"x"})"});
  expect(R"({"allOf":[{"type":"array","items":{"minimum":1}},{"items":{"type":"integer","maximum":2}}]})", {"[1,2]"},
         {"[0]", "[3]", "[\"a\"]"});
  EXPECT_EQ(refusal_of(R"({"allOf":[{"type":"string"},{"type":"null"}]})"), "#: no value satisfies the schema");
}

TEST(SchemaCombinations, AdditionalPropertiesLooksAtItsOwnSchemaOnly) {
  const char* schema = R"({"allOf":[{"properties":{"a":{}},"additionalProperties":false},{"properties":{"b":{}}}],"type":"object"})";
  expect(schema, {"{}", R"({"a":1})"}, {R"({"b":1})"});
}

TEST(SchemaCombinations, OneOfIsAcceptedWhereItsAlternativesExcludeEachOther) {
  expect(R"({"oneOf":[{"type":"integer"},{"type":"string"}]})", {"1", "\"x\""}, {"null"});
  expect(R"({"oneOf":[{"const":1},{"enum":["a","b"]}]})", {"1", "\"b\""}, {"2"});
  expect(R"({"type":"integer","oneOf":[{"maximum":3},{"minimum":4}]})", {"3", "4"}, {});
  expect(R"({"type":"string","oneOf":[{"maxLength":2},{"minLength":3}]})", {"\"a\"", "\"abc\""}, {});
  expect(R"({"type":"string","oneOf":[{"pattern":"^a"},{"pattern":"^b"}]})", {"\"a\"", "\"b\""}, {"\"c\""});
  expect(R"({"oneOf":[{"type":"array","minItems":2},{"type":"array","maxItems":1}]})", {"[]", "[1,2]"}, {});
}

TEST(SchemaCombinations, ADiscriminatorMakesAlternativesExcludeEachOther) {
  const char* schema = R"({"oneOf":[
    {"type":"object","properties":{"kind":{"const":"circle"},"radius":{"type":"integer"}},"required":["kind","radius"]},
    {"type":"object","properties":{"kind":{"enum":["square","box"]},"side":{"type":"integer"}},"required":["kind"]}]})";
  expect(schema, {R"({"kind":"circle","radius":1})", R"({"kind":"box","side":2})"},
         {R"({"kind":"circle"})", R"({"kind":"circle","side":2})"});
  expect(R"({"oneOf":[{"type":"object","properties":{"a":{"type":"null"}},"required":["a"],"additionalProperties":false},
                      {"type":"object","properties":{"b":{"type":"null"}},"required":["b"],"additionalProperties":false}]})",
         {R"({"a":null})", R"({"b":null})"}, {R"({"a":null,"b":null})"});
}

TEST(SchemaCombinations, OneOfIsRefusedWhereAlternativesMayOverlap) {
  EXPECT_THAT(refusal_of(R"({"oneOf":[{"type":"integer"},{"minimum":2}]})"), StartsWith("#/oneOf: alternatives 0 and 1"));
  EXPECT_THAT(refusal_of(R"({"oneOf":[{"type":"null"},{"type":"string"},{"const":"x"}]})"), StartsWith("#/oneOf: alternatives 1 and 2"));
  // Formats are said narrower than they are, so two of them are not known to exclude each other.
  EXPECT_THAT(refusal_of(R"({"type":"string","oneOf":[{"format":"date"},{"format":"email"}]})"), StartsWith("#/oneOf:"));
  EXPECT_THAT(refusal_of(R"({"oneOf":[{"const":"2024-01-01T00:00:60Z"},{"type":"string","format":"date-time"}]})"), StartsWith("#/oneOf:"));
  // Optional discriminators do not discriminate.
  EXPECT_THAT(refusal_of(R"({"type":"object","oneOf":[{"properties":{"k":{"const":1}}},{"properties":{"k":{"const":2}}}]})"),
              StartsWith("#/oneOf:"));
}

TEST(SchemaCombinations, NotIsAcceptedForTypesRequiredAndBooleans) {
  expect(R"({"not":{"type":["object","array"]}})", {"1", "null", "\"x\""}, {"{}", "[]"});
  expect(R"({"type":"object","not":{"required":["a"]}})", {"{}", R"({"b":1})"}, {R"({"a":1})"});
  expect(R"({"not":false})", {"1"}, {});
  EXPECT_EQ(refusal_of(R"({"not":{}})"), "#: no value satisfies the schema");
  EXPECT_THAT(refusal_of(R"({"not":{"type":"integer"}})"), StartsWith("#/not:"));
  EXPECT_THAT(refusal_of(R"({"not":{"minimum":2}})"), StartsWith("#/not:"));
}

TEST(SchemaCombinations, ConditionsAreRefusedUnlessTheySayNothing) {
  EXPECT_THAT(refusal_of(R"({"if":{"type":"string"},"then":{"minLength":1}})"), StartsWith("#/if:"));
  expect(R"({"if":{"type":"string"}})", {"1"}, {});
  expect(R"({"then":{"type":"string"}})", {"1"}, {});
}

TEST(SchemaReferences, PointWithinTheSchema) {
  expect(R"({"$defs":{"n":{"type":"integer"}},"type":"array","items":{"$ref":"#/$defs/n"}})", {"[1]"}, {"[\"x\"]"});
  expect(R"({"definitions":{"a/b":{"c~d":{"e%f":{"const":7}}}},"$ref":"#/definitions/a~1b/c~0d/e%25f"})", {"7"}, {"8"});
  expect(R"({"properties":{"a":{"type":"null"},"b":{"$ref":"#/properties/a"}},"type":"object"})", {R"({"a":null,"b":null})"},
         {R"({"b":1})"});
  expect(R"({"prefixItems":[{"type":"null"},{"$ref":"#/prefixItems/0"}],"type":"array"})", {"[null,null]"}, {"[null,1]"});
}

TEST(SchemaReferences, KeywordsBesideAReferenceHoldToo) {
  expect(R"({"$defs":{"s":{"type":"string"}},"$ref":"#/$defs/s","maxLength":1})", {"\"a\""}, {"\"ab\"", "1"});
}

TEST(SchemaReferences, MayRecurse) {
  expect(R"({"type":"object","properties":{"v":{"type":"integer"},"kids":{"type":"array","items":{"$ref":"#"}}},"required":["v"]})",
         {R"({"v":1})", R"({"v":1,"kids":[{"v":2,"kids":[{"v":3}]},{"v":4}]})"}, {R"({"v":1,"kids":[{"kids":[]}]})"});
  expect(R"({"$defs":{"e":{"anyOf":[{"type":"integer"},{"type":"array","items":{"$ref":"#/$defs/e"},"minItems":1}]}},"$ref":"#/$defs/e"})",
         {"1", "[1,[2,[3]]]"}, {"[]", "[[]]"});
}

TEST(SchemaReferences, ThatLeadNowhereAreRefused) {
  EXPECT_THAT(refusal_of(R"({"$ref":"#/$defs/x"})"), StartsWith("#/$ref: \"#/$defs/x\" does not exist"));
  EXPECT_THAT(refusal_of(R"({"$ref":"http://example.com/s.json"})"), HasSubstr("is not a JSON pointer within this schema"));
  EXPECT_THAT(refusal_of(R"({"$ref":"#name"})"), HasSubstr("is not a JSON pointer within this schema"));
  EXPECT_THAT(refusal_of(R"({"$ref":"#"})"), HasSubstr("refers to itself"));
  EXPECT_THAT(refusal_of(R"({"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"allOf":[{"$ref":"#/$defs/a"}]}},"$ref":"#/$defs/a"})"),
              HasSubstr("refers to itself"));
  EXPECT_THAT(refusal_of(R"({"properties":{"a":{"$id":"http://x/y","$ref":"#/$defs/z"}},"$defs":{"z":true}})"),
              StartsWith("#/properties/a/$ref: the reference stands below an $id"));
  EXPECT_THAT(refusal_of(R"({"$dynamicRef":"#a"})"), StartsWith("#/$dynamicRef:"));
}

TEST(SchemaReferences, WhatIsNeverReferredToMayBeAnything) {
  expect(R"({"type":"null","$defs":{"x":{"uniqueItems":true,"not":{"minimum":1}}}})", {"null"}, {});
}

}  // namespace
}  // namespace worker::chat::schema
