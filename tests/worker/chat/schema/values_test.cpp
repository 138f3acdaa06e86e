#include <random>

#include "tests/worker/chat/schema/grammar_check.hpp"

namespace worker::chat::schema {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::vector<std::string> kOneOfEach = {"null", "true", "-1.5", "\"x\"", "[1]", R"({"a":1})"};

TEST(SchemaValues, ASchemaThatSaysNothingDerivesAnyValue) {
  for (const char* schema : {"true", "{}", R"({"title":"x","description":"y","default":1,"examples":[2],"$schema":"z","$comment":"c"})"})
    expect(schema, kOneOfEach, {"", "nul", "01", "1.", "+1", "'x'", "[1,]", R"({"a"})", R"({a:1})", "1 2"});
}

TEST(SchemaValues, WordsThatJsonSchemaDoesNotDefineAreRemarks) { expect(R"({"x-order":1,"nullable":true})", kOneOfEach, {}); }

TEST(SchemaValues, EachTypeDerivesItsValuesAndNoOthers) {
  const std::vector<std::string> types = {"null", "boolean", "number", "string", "array", "object"};
  for (std::size_t i = 0; i < types.size(); ++i) {
    std::vector<std::string> others = kOneOfEach;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    expect(R"({"type":")" + types[i] + "\"}", {kOneOfEach[i]}, others);
  }
  expect(R"({"type":"integer"})", {"0", "-7", "123456789012345678"}, {"1.5", "1.0", "1e3", "007", "-", "1234567890123456789"});
}

TEST(SchemaValues, AListOfTypesDerivesEachOfThem) {
  expect(R"({"type":["string","null"]})", {"null", "\"x\""}, {"1", "true", "[]", "{}"});
  expect(R"({"type":["integer","number"]})", {"1", "1.5"}, {"null"});
  expect(R"({"type":["integer","string"]})", {"1", "\"\""}, {"1.5"});
}

TEST(SchemaValues, StringsAreWrittenInOneSpellingOnly) {
  expect(R"({"type":"string"})", {R"("")", R"("a\"\\\n\t\r\b\f/é€😀")"},
         {"\"\n\"", R"("\/")", R"("\u0041")", R"("\x")", R"("a)", "\"\x01\""});
}

TEST(SchemaValues, WhiteSpaceIsBounded) {
  std::string line(24, ' ');
  expect(R"({"type":"array"})", {"[1,2]", "[1, 2]", "[ 1,\n" + line + "2\n]"},
         {"[1,  2]", "[1 ,2]", "[\n\n1]", "[\n" + line + " 1]", " []", "[] "});
  expect(R"({"type":"object"})", {R"({"a":1})", R"({"a": 1})", "{\n  \"a\": 1\n}"}, {R"({"a" :1})", R"({"a":  1})", "{\"a\":\n1}"});
}

TEST(SchemaValues, EnumAndConstDeriveTheirValuesLiterally) {
  expect(R"({"enum":["a",1,null,true,{"k":[1,"x"]},"q\"\\"]})", {"\"a\"", "1", "null", "true", R"({"k":[1,"x"]})", R"("q\"\\")"},
         {"\"b\"", "false", "2", R"({"k": [1,"x"]})", "a"});
  expect(R"({"const":"só"})", {"\"só\""}, {"\"so\""});
  expect(R"({"const":{"a":false}})", {R"({"a":false})"}, {R"({"a":0})"});
}

TEST(SchemaValues, ALongEnumDerivesTheSameAsAShortOne) {
  std::string values = R"(7,"\u0001","\"q\\")";
  for (int i = 0; i < 40; ++i) values += ",\"value " + std::to_string(i) + "é\"";
  expect(R"({"enum":[)" + values + "]}", {"7", R"("\u0001")", R"("\"q\\")", "\"value 0é\"", "\"value 39é\""},
         {"\"value 40é\"", "\"value\"", "\"value 1\"", "\"\""});
}

TEST(SchemaValues, EnumKeepsOnlyWhatTheOtherKeywordsAdmit) {
  expect(R"({"type":"string","enum":["a",1,null]})", {"\"a\""}, {"1", "null"});
  expect(R"({"enum":[1,5,9,"x",1.5],"minimum":2,"type":"integer"})", {"5", "9"}, {"1", "\"x\"", "1.5"});
  expect(R"({"enum":["ab","abc","b"],"pattern":"^a","maxLength":2})", {"\"ab\""}, {"\"abc\"", "\"b\""});
  expect(R"({"enum":[{"a":1},{"a":"x"},{"b":1}],"properties":{"a":{"type":"integer"}},"required":["a"]})", {R"({"a":1})"},
         {R"({"a":"x"})", R"({"b":1})"});
  expect(R"({"enum":[[1],[1,1],[1,2]],"uniqueItems":true,"minItems":2})", {"[1,2]"}, {"[1]", "[1,1]"});
  EXPECT_EQ(refusal_of(R"({"type":"string","enum":[1]})"), "#: no value satisfies the schema");
  EXPECT_EQ(refusal_of(R"({"enum":[1,2],"const":3})"), "#: no value satisfies the schema");
}

TEST(SchemaValues, OneAndOnePointZeroAreTheSameValue) { expect(R"({"allOf":[{"enum":[1.0,2]},{"enum":[1,3]}]})", {"1.0"}, {"2", "3"}); }

TEST(SchemaValues, IntegerRangesHoldEveryIntegerBetweenTheirBoundsAndNoOther) {
  std::mt19937 random(7);
  for (int round = 0; round < 25; ++round) {
    int low = static_cast<int>(random() % 700) - 350, high = low + static_cast<int>(random() % 400);
    auto schema = R"({"type":"integer","minimum":)" + std::to_string(low) + R"(,"maximum":)" + std::to_string(high) + "}";
    support::Gbnf gbnf(grammar_of(schema));
    for (int value = low - 30; value <= high + 30; ++value) {
      EXPECT_EQ(gbnf.derives(std::to_string(value)), value >= low && value <= high) << schema << " " << value;
    }
  }
}

TEST(SchemaValues, IntegerBoundsMayBeOpenExclusiveOrFractions) {
  expect(R"({"type":"integer","minimum":10})", {"10", "999", "123456789012345678"}, {"9", "-10", "010"});
  expect(R"({"type":"integer","maximum":-3})", {"-3", "-100"}, {"-2", "0", "3"});
  expect(R"({"type":"integer","exclusiveMinimum":0,"exclusiveMaximum":3})", {"1", "2"}, {"0", "3", "-0"});
  expect(R"({"type":"integer","minimum":0.5,"maximum":2.5})", {"1", "2"}, {"0", "3"});
  expect(R"({"type":"integer","minimum":0,"exclusiveMinimum":true})", {"1"}, {"0"});  // draft 4
  expect(R"({"type":"integer","maximum":9223372036854775807})", {"123456789012345678"}, {});
  EXPECT_EQ(refusal_of(R"({"type":"integer","minimum":5,"maximum":4})"), "#: no value satisfies the schema");
  EXPECT_EQ(refusal_of(R"({"type":"integer","minimum":1e18})"), "#: no value satisfies the schema");
}

TEST(SchemaValues, NumberRangesHoldDecimalsBetweenTheirBounds) {
  expect(R"({"type":"number","minimum":0,"maximum":1})", {"0", "1", "0.5", "0.000001", "1.0", "0.0"},
         {"1.1", "-0.1", "1.000001", "-0", "1.", ".5", "00.5", "1e0"});
  expect(R"({"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1})", {"0.1", "0.999999"}, {"0", "0.0", "1", "1.0", "0.000000"});
  expect(R"({"type":"number","minimum":-1.25,"maximum":2.5})", {"-1.25", "-1.2", "-1", "-0.5", "0", "2.5", "2.49"},
         {"-1.26", "-1.250001", "2.51", "-2", "3"});
  expect(R"({"type":"number","minimum":1.1})", {"1.1", "1.10", "2", "123456789.5", "123456789012345"}, {"1", "1.0", "1.09", "0"});
  expect(R"({"type":"number","exclusiveMinimum":0.00000001,"maximum":0.00000003})", {"0.00000002", "0.00000003"}, {"0.00000001", "0"});
}

TEST(SchemaValues, NumberRangesAgreeWithArithmetic) {
  std::mt19937 random(11);
  auto text = [](int hundredths) {
    std::string digits = std::to_string(std::abs(hundredths));
    if (digits.size() < 3) digits.insert(0, 3 - digits.size(), '0');
    return (hundredths < 0 ? "-" : "") + digits.substr(0, digits.size() - 2) + "." + digits.substr(digits.size() - 2);
  };
  for (int round = 0; round < 10; ++round) {
    int low = static_cast<int>(random() % 3000) - 1500, high = low + static_cast<int>(random() % 900);
    auto schema = R"({"type":"number","minimum":)" + text(low) + R"(,"maximum":)" + text(high) + "}";
    support::Gbnf gbnf(grammar_of(schema));
    for (int value = low - 60; value <= high + 60; value += 7) {
      if (value == 0) continue;
      EXPECT_EQ(gbnf.derives(text(value)), value >= low && value <= high) << schema << " " << text(value);
    }
  }
}

TEST(SchemaValues, MultiplesOfAWholeNumberAreIntegers) {
  expect(R"({"type":"number","multipleOf":1})", {"3", "-3"}, {"1.5"});
  expect(R"({"type":"integer","multipleOf":7})", {"0", "7", "-14", "700"}, {"1", "8", "-15"});
  expect(R"({"type":"number","multipleOf":10,"minimum":15,"maximum":45})", {"20", "30", "40"}, {"10", "15", "50", "20.0"});
  expect(R"({"allOf":[{"multipleOf":4},{"multipleOf":6}],"type":"integer"})", {"12", "24"}, {"4", "6", "8"});
  EXPECT_THAT(refusal_of(R"({"multipleOf":0.01})"), StartsWith("#/multipleOf: only whole numbers"));
  EXPECT_THAT(refusal_of(R"({"multipleOf":1001})"), StartsWith("#/multipleOf: numbers must be multiples of 1001, the limit is 1000"));
}

TEST(SchemaValues, KeywordsOfOneKindLeaveOtherKindsAlone) {
  expect(R"({"minimum":5})", {"5", "\"x\"", "null", "[1]", "{}"}, {"4"});
  expect(R"({"maxLength":1})", {"\"a\"", "100", "null"}, {"\"ab\""});
}

TEST(SchemaValues, WhatIsNotASchemaIsRefused) {
  EXPECT_THAT(refusal_of("3"), StartsWith("#: a schema is an object or a boolean"));
  EXPECT_THAT(refusal_of(R"({"type":"text"})"), StartsWith("#/type: \"text\" is not a type"));
  EXPECT_THAT(refusal_of(R"({"type":5})"), StartsWith("#/type:"));
  EXPECT_THAT(refusal_of(R"({"enum":[]})"), StartsWith("#/enum:"));
  EXPECT_THAT(refusal_of(R"({"minimum":"1"})"), StartsWith("#/minimum:"));
  EXPECT_THAT(refusal_of(R"({"minLength":-1})"), StartsWith("#/minLength:"));
  EXPECT_THAT(refusal_of(R"({"maxItems":1.5})"), StartsWith("#/maxItems:"));
  EXPECT_THAT(refusal_of(R"({"properties":{"a/b":{"items":{"type":"x"}}}})"), StartsWith("#/properties/a~1b/items/type:"));
}

}  // namespace
}  // namespace worker::chat::schema
