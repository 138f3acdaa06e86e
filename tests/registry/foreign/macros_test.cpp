#include "registry/foreign/macros.hpp"

#include <gmock/gmock.h>

namespace {

using common::Json;
using registry::foreign::expand_environment;
using registry::foreign::Macros;
using testing::ElementsAre;
using testing::HasSubstr;

Macros some() {
  Macros macros;
  macros.set({"MODEL_ID", "coder", "coder"});
  macros.set({"window", "4096", 4096});
  macros.set({"args", "--ctx-size ${window} --name ${MODEL_ID}", "--ctx-size ${window} --name ${MODEL_ID}"});
  macros.set({"warm", "0.7", 0.7});
  return macros;
}

std::optional<std::string> environment(const std::string& name) {
  if (name == "HOME") return "/home/u";
  if (name == "API_KEY") return "sk-never";
  return std::nullopt;
}

TEST(MacrosTest, OneMayUseThoseBeforeIt) { EXPECT_EQ(some().expand("run ${args} ${PORT}"), "run --ctx-size 4096 --name coder ${PORT}"); }

TEST(MacrosTest, OneOfTheSameNameTakesTheEarlierOnesPlace) {
  Macros macros = some();
  macros.set({"window", "16", 16});
  EXPECT_EQ(macros.expand("${args}"), "--ctx-size 16 --name coder");
}

TEST(MacrosTest, OneThatUsesALaterOneIsNotExpandedThere) {
  Macros macros;
  macros.set({"first", "${second}", "${second}"});
  macros.set({"second", "x", "x"});
  EXPECT_EQ(macros.expand("${first}"), "${second}");
}

TEST(MacrosTest, AValueThatIsAllOfAMacroKeepsItsType) {
  EXPECT_EQ(some().expand_values(Json{{"a", "${warm}"}, {"b", {"${window}", "n ${window}", 3, true}}}),
            (Json{{"a", 0.7}, {"b", {4096, "n 4096", 3, true}}}));
}

TEST(MacrosTest, FindsTheNamesThatStandInATextAndNothingElse) {
  EXPECT_THAT(registry::foreign::macros_in("${a} $b ${} ${c-d}${env.E} ${un closed} ${f"), ElementsAre("a", "c-d", "env.E"));
}

TEST(EnvironmentTest, IsWrittenWhereItIsSet) {
  EXPECT_EQ(expand_environment("${env.HOME}/a ${PORT} ${env.HOME}", environment).value(), "/home/u/a ${PORT} /home/u");
}

TEST(EnvironmentTest, WhatIsNotSetIsRefusedByName) {
  EXPECT_THAT(expand_environment("${env.NOWHERE}", environment).error().message(), HasSubstr("NOWHERE is not set"));
  EXPECT_THAT(expand_environment("${env.HOME}", {}).error().message(), HasSubstr("HOME is not set"));
}

TEST(EnvironmentTest, SecretsAreRefusedAndNotShown) {
  for (const char* name : {"API_KEY", "HF_TOKEN", "client_secret", "DB_PASSWORD"}) {
    auto refused =
        expand_environment("x ${env." + std::string(name) + "}", [](const std::string&) { return std::optional<std::string>("sk-never"); });
    ASSERT_FALSE(refused) << name;
    EXPECT_THAT(refused.error().message(), HasSubstr(name));
    EXPECT_THAT(refused.error().message(), testing::Not(HasSubstr("sk-never")));
  }
}

}  // namespace
