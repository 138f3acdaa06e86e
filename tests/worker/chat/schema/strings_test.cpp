#include "tests/worker/chat/schema/grammar_check.hpp"

namespace worker::chat::schema {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string pattern(const std::string& regex) {
  std::string escaped;
  for (char c : regex) escaped += c == '\\' || c == '"' ? std::string("\\") + c : std::string(1, c);
  return R"({"type":"string","pattern":")" + escaped + "\"}";
}

TEST(SchemaStrings, LengthCountsCharactersNotBytesOrEscapes) {
  expect(R"({"type":"string","minLength":2,"maxLength":3})", {R"("ab")", R"("é€😀")", R"("\n\"")", R"("\\\\\\")"},
         {R"("a")", R"("abcd")", R"("😀")", R"("\n")"});
  expect(R"({"type":"string","minLength":1})", {R"("a")", R"("abc")"}, {R"("")"});
  expect(R"({"type":"string","maxLength":0})", {R"("")"}, {R"("a")"});
  EXPECT_EQ(refusal_of(R"({"type":"string","minLength":3,"maxLength":2})"), "#: no value satisfies the schema");
}

TEST(SchemaStrings, APatternIsSearchedForUnlessAnchored) {
  expect(pattern("b+"), {R"("b")", R"("abba")", R"("b\n")"}, {R"("")", R"("ac")"});
  expect(pattern("^ab"), {R"("ab")", R"("abc")"}, {R"("cab")", R"("a")"});
  expect(pattern("ab$"), {R"("ab")", R"("cab")"}, {R"("abc")"});
  expect(pattern("^ab$"), {R"("ab")"}, {R"("abc")", R"("cab")", R"("ab\n")"});
  expect(pattern("^a|b$"), {R"("ax")", R"("xb")", R"("a")"}, {R"("xa")", R"("bx")"});
  expect(pattern("^(?:a|^b)$"), {R"("a")", R"("b")"}, {R"("ab")"});
  expect(pattern("^$"), {R"("")"}, {R"("a")"});
  expect(pattern(""), {R"("")", R"("x")"}, {"1"});
  EXPECT_EQ(refusal_of(pattern("a^b")), "#: no value satisfies the schema");
  EXPECT_EQ(refusal_of(pattern("a$b")), "#: no value satisfies the schema");
}

TEST(SchemaStrings, PatternsKnowTheUsualPieces) {
  expect(pattern("^[a-c]{2,3}$"), {R"("ab")", R"("abc")"}, {R"("a")", R"("abca")", R"("ad")"});
  expect(pattern("^[^a-z]?$"), {R"("")", R"("A")", R"("\"")", R"("é")"}, {R"("a")", R"("AB")"});
  expect(pattern("^a{2}b{1,}c*?$"), {R"("aab")", R"("aabbcc")"}, {R"("ab")", R"("aa")"});
  expect(pattern("^(a|bc)+(?<n>d)?$"), {R"("abca")", R"("bcd")"}, {R"("")", R"("d")", R"("b")"});
  expect(pattern(R"(^\d\D\w\W\s\S$)"), {R"("1a_- x")", R"("1éA!\t1")"},
         {R"("aa_- x")", R"("11_- x")", R"("1aé- x")", R"("1a_a x")", R"("1a_-xx")"});
  expect(pattern("^.$"), {R"("a")", R"("😀")", R"("\t")"}, {R"("")", R"("\n")", R"("\r")", R"("ab")"});
  expect(pattern(R"(^\x41é\u{1F600}\uD83D\uDE00\.\/\-\t\"\\$)"), {R"("Aé😀😀./-\t\"\\")"}, {R"("Aé😀😀x/-\t\"\\")"});
  expect(pattern(R"(^[\]\\\-a\d-]+$)"), {R"("]\\-a5")"}, {R"("b")", R"("[")"});
  expect(pattern("^{a}$"), {R"("{a}")"}, {R"("a")"});
  expect(pattern("^\\([0-9]{3}\\) [0-9]{3}-[0-9]{4}$"), {R"x("(555) 123-4567")x"}, {R"("555 123-4567")"});
}

TEST(SchemaStrings, AQuoteInAPatternIsEscapedInTheText) {
  expect(pattern("^[\"\\\\]$"), {R"("\"")", R"("\\")"}, {R"(""")", R"("\")", R"("a")"});
}

TEST(SchemaStrings, SeveralDemandsOnOneStringAllHold) {
  expect(R"({"type":"string","pattern":"^[a-z]+$","minLength":2,"maxLength":4})", {R"("ab")", R"("abcd")"},
         {R"("a")", R"("abcde")", R"("AB")"});
  expect(R"({"allOf":[{"pattern":"a"},{"pattern":"b"}],"type":"string"})", {R"("ab")", R"("bxa")"}, {R"("a")", R"("b")"});
  EXPECT_EQ(refusal_of(R"({"type":"string","allOf":[{"pattern":"^a"},{"pattern":"^b"}]})"), "#: no value satisfies the schema");
}

TEST(SchemaStrings, PatternsThatAreNotRegularAreRefusedByName) {
  EXPECT_THAT(refusal_of(pattern("a(?=b)")), HasSubstr("#/pattern: looking ahead or back"));
  EXPECT_THAT(refusal_of(pattern("(?<!a)b")), HasSubstr("looking ahead or back"));
  EXPECT_THAT(refusal_of(pattern(R"((a)\1)")), HasSubstr(R"(\1 is not supported)"));
  EXPECT_THAT(refusal_of(pattern(R"(\bword)")), HasSubstr(R"(\b is not supported)"));
  EXPECT_THAT(refusal_of(pattern(R"(\p{L})")), HasSubstr(R"(\p is not supported)"));
  EXPECT_THAT(refusal_of(pattern("(?i)a")), HasSubstr("a group of an unknown kind"));
}

TEST(SchemaStrings, BrokenPatternsAreRefusedWithWhatIsWrong) {
  EXPECT_THAT(refusal_of(pattern("(a")), HasSubstr("a ( without its )"));
  EXPECT_THAT(refusal_of(pattern("a)")), HasSubstr("a ) without its ("));
  EXPECT_THAT(refusal_of(pattern("[a")), HasSubstr("a [ without its ]"));
  EXPECT_THAT(refusal_of(pattern("*a")), HasSubstr("nothing to repeat"));
  EXPECT_THAT(refusal_of(pattern("a**")), HasSubstr("a repetition of a repetition"));
  EXPECT_THAT(refusal_of(pattern("a{3,2}")), HasSubstr("out of order"));
  EXPECT_THAT(refusal_of(pattern("[b-a]")), HasSubstr("a range of characters that is none"));
  EXPECT_THAT(refusal_of(pattern("a\\")), HasSubstr("a \\ at the end"));
  EXPECT_THAT(refusal_of(pattern("\\u12")), HasSubstr("names no character"));
}

TEST(SchemaStrings, DatesAreDaysThatExist) {
  expect(
      R"({"type":"string","format":"date"})", {R"("2024-02-29")", R"("2000-02-29")", R"("1999-12-31")", R"("2023-04-30")"},
      {R"("2023-02-29")", R"("1900-02-29")", R"("2023-04-31")", R"("2023-13-01")", R"("2023-00-10")", R"("2023-1-1")", R"("2023-01-32")"});
}

TEST(SchemaStrings, TimesHaveAZone) {
  expect(R"({"type":"string","format":"time"})", {R"("23:59:59Z")", R"("00:00:00.123+05:30")"},
         {R"("24:00:00Z")", R"("12:00:00")", R"("12:60:00Z")"});
  expect(R"({"type":"string","format":"date-time"})", {R"("2024-02-29T12:30:00Z")", R"("2024-01-01T00:00:00.5-08:00")"},
         {R"("2024-02-30T12:30:00Z")", R"("2024-01-01")"});
}

TEST(SchemaStrings, OtherFormats) {
  expect(R"({"type":"string","format":"uuid"})", {R"("123e4567-e89b-12d3-a456-426614174000")"},
         {R"("123e4567e89b12d3a456426614174000")", R"("123e4567-e89b-12d3-a456-42661417400g")"});
  expect(R"({"type":"string","format":"ipv4"})", {R"("127.0.0.1")", R"("255.255.255.255")"},
         {R"("256.0.0.1")", R"("1.2.3")", R"("01.2.3.4")"});
  expect(R"({"type":"string","format":"ipv6"})", {R"("2001:db8:0:0:0:0:0:1")"}, {R"("12345:0:0:0:0:0:0:1")", R"("1:2:3")"});
  expect(R"({"type":"string","format":"email"})", {R"("joe.bloggs+x@example.com")"}, {R"("joe")", R"("a..b@example.com")", R"("@x.org")"});
  expect(R"({"type":"string","format":"hostname"})", {R"("www.example.com")", R"("a-b")"}, {R"("-a")", R"("a..b")", R"("a_b")"});
  expect(R"({"type":"string","format":"uri"})", {R"("https://example.com/a?b=c#d")"}, {R"("example.com")", R"("//x")", R"("http://a b")"});
}

TEST(SchemaStrings, AFormatHoldsTogetherWithOtherKeywords) {
  expect(R"({"type":"string","format":"date","pattern":"^2024"})", {R"("2024-05-05")"}, {R"("2023-05-05")"});
  expect(R"({"format":"date"})", {"5", R"("2024-05-05")"}, {R"("x")"});
}

TEST(SchemaStrings, FormatsOfJsonSchemaThatCannotBeSaidAreRefusedAndUnknownOnesAreRemarks) {
  EXPECT_THAT(refusal_of(R"({"type":"string","format":"regex"})"), StartsWith("#/format: the format \"regex\""));
  EXPECT_THAT(refusal_of(R"({"type":"string","format":"duration"})"), StartsWith("#/format:"));
  EXPECT_THAT(refusal_of(R"({"contentEncoding":"base64"})"), StartsWith("#/contentEncoding:"));
  expect(R"({"type":"integer","format":"int32"})", {"5"}, {"\"x\""});
}

}  // namespace
}  // namespace worker::chat::schema
