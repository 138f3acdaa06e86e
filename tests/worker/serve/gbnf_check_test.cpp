#include "worker/serve/gbnf_check.hpp"

#include <gmock/gmock.h>

namespace worker::serve {
namespace {

using testing::HasSubstr;
using testing::Optional;

std::string times(std::size_t count, const std::string& text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

std::string nested(std::size_t depth) { return times(depth, "(") + "\"a\"" + times(depth, ")"); }

TEST(GbnfCheck, LetsBracketsNestAsDeepAsTheStackBears) {
  EXPECT_EQ(unreadable_gbnf("root ::= " + nested(200)), std::nullopt);
  EXPECT_THAT(unreadable_gbnf("root ::= " + nested(201)), Optional(HasSubstr("200 deep")));
  EXPECT_EQ(unreadable_gbnf("root ::= " + times(300, "(\"a\") ")), std::nullopt) << "one after the other";
}

TEST(GbnfCheck, NoBracketThatIsNoneMakesUpForAnotherOne) {
  const std::string closing = times(300, ")");
  for (const std::string& before : {
           "# " + closing + "\n",
           "x ::= \"" + closing + "\"\n",
           "x ::= \"\\\"" + closing + "\"\n",
           "x ::= \"\\\\\" # \"\n# " + closing + "\r",
           "x ::= [" + closing + "]\n",
           "x ::= [\\]" + closing + "\"#]\n",
           "x ::= <" + closing + ">\n",
           "x ::= <\\> <\"> !<#" + closing + ">\n",
           closing,
       }) {
    EXPECT_THAT(unreadable_gbnf(before + "root ::= " + nested(300)), Optional(HasSubstr("200 deep"))) << before;
  }
}

TEST(GbnfCheck, WhatOnlyLooksLikeABracketCountsForNothing) {
  const std::string opening = times(300, "(");
  for (const std::string& grammar : {
           "# " + opening + "\nroot ::= \"a\"",
           "root ::= \"" + opening + "\\\"" + opening + "\"",
           "root ::= [" + opening + "\\]" + opening + "]",
           "root ::= <" + opening + ">",
           "root ::= \"a\"" + std::string(1, '\0') + opening,
       }) {
    EXPECT_EQ(unreadable_gbnf(grammar), std::nullopt) << grammar;
  }
}

TEST(GbnfCheck, RefusesARepetitionWhoseMostIsLessThanItsLeast) {
  for (const char* grammar : {
           R"(root ::= "a"{5,2})",
           R"(root ::= "a"{1,0})",
           R"(root ::= [{}] { 5 , 2 } "b")",
           "root ::= (\"a\"{5 # as many}\n, # {\r\n 2})",
           R"(root ::= "a"{99999999999999999999999999,5})",
           R"(root ::= "\"{"{3,2})",
       }) {
    EXPECT_THAT(unreadable_gbnf(grammar), Optional(HasSubstr("smaller"))) << grammar;
  }
  EXPECT_THAT(unreadable_gbnf(R"(root ::= "a"{5,2})"), Optional(HasSubstr("{5,2}")));
}

TEST(GbnfCheck, LetsOtherRepetitionsBe) {
  for (const char* grammar : {
           R"(root ::= "a"{2,5})",
           R"(root ::= "a"{2,2} "b"{2} "c"{0,0} "d"{7,})",
           R"(root ::= "a"{5 , })",
           R"(root ::= "{5,2}" [{5,2}] # {5,2})",
           R"(root ::= "a"{0,99999999999999999999999999})",
       }) {
    EXPECT_EQ(unreadable_gbnf(grammar), std::nullopt) << grammar;
  }
}

TEST(GbnfCheck, RefusesWhatWouldBeTooLongWrittenOut) {
  const std::string text = "\"" + times(30'000, "a") + "\"";
  for (const std::string& repeated : {
           text + "{1999}",
           text + "{0,1999}",
           text + times(30'000, "+"),
           times(6'000, "a{0,1999}"),
           times(6'000, "(a){1999}"),
       }) {
    EXPECT_THAT(unreadable_gbnf("a ::= \"a\"\nroot ::= " + repeated), Optional(HasSubstr("written out"))) << repeated.substr(0, 40);
  }
  EXPECT_EQ(unreadable_gbnf("root ::= " + times(50, R"("\"" [^"\\\x7F\x00-\x1F]{0,1999} "\"" )")), std::nullopt);
  EXPECT_EQ(unreadable_gbnf("root ::= " + times(6'000, "\"ab\"+ ")), std::nullopt);
}

TEST(GbnfCheck, LeavesToLibllamaWhatIsMerelyWrong) {
  for (const char* grammar : {"", "root ::= \"a", "root ::= [", "root ::= (", "root ::= \"\\", ")", "#", "root ::= <", "root ::= {",
                              "root ::= a{", "root ::= a{,2}", "root ::= a{5,", "root ::= a{5,x}"})
    EXPECT_EQ(unreadable_gbnf(grammar), std::nullopt) << grammar;
}

}  // namespace
}  // namespace worker::serve
