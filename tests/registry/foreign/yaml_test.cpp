#include "registry/foreign/yaml.hpp"

#include <gmock/gmock.h>

namespace {

using common::Json;
using registry::foreign::Yaml;
using testing::HasSubstr;

Yaml parse(std::string_view text) {
  auto yaml = registry::foreign::parse_yaml(text);
  EXPECT_TRUE(yaml) << yaml.error().message();
  return yaml ? *yaml : Yaml{};
}

std::string refusal(std::string_view text) {
  auto yaml = registry::foreign::parse_yaml(text);
  return yaml ? "taken" : yaml.error().message();
}

TEST(YamlTest, KeepsTheOrderAndTheLinesOfTheFile) {
  const Yaml yaml = parse("b: 1\n\na:\n  - x\n  - y\n");
  ASSERT_EQ(yaml.entries.size(), 2u);
  EXPECT_EQ(yaml.entries[0].key, "b");
  EXPECT_EQ(yaml.entries[1].key, "a");
  EXPECT_EQ(yaml.entries[1].line, 3);
  EXPECT_EQ(yaml.entries[1].value.items[1].line, 5);
}

TEST(YamlTest, GivesPlainScalarsTheirTypesAndQuotedOnesNone) {
  EXPECT_EQ(json_of(parse("[1, -2, +3, 0.5, 1e3, true, False, null, ~, '', \"1\", 'true', word, 1.2.3, .inf]")),
            Json::parse(R"([1, -2, 3, 0.5, 1000.0, true, false, null, null, "", "1", "true", "word", "1.2.3", ".inf"])"));
}

TEST(YamlTest, FollowsAnchorsAndMergeKeys) {
  const Yaml yaml = parse("base: &b {x: 1, y: 2}\nother: &o {y: 3, z: 4}\none: {<<: *b, y: 9}\nboth:\n  <<: [*b, *o]\n");
  EXPECT_EQ(json_of(yaml.find("one")->value), (Json{{"y", 9}, {"x", 1}}));
  EXPECT_EQ(json_of(yaml.find("both")->value), (Json{{"x", 1}, {"y", 2}, {"z", 4}}));
}

TEST(YamlTest, AnErrorSaysWhereItIs) {
  EXPECT_THAT(refusal("a: 1\nb: [1, 2\nc: 3\n"), HasSubstr("line 3, column"));
  EXPECT_THAT(refusal("a: 1\n  b: 2\n"), HasSubstr("line 2, column 4"));
  EXPECT_THAT(refusal("a: *nothing\n"), HasSubstr("line 1, column"));
}

TEST(YamlTest, AKeyThatIsThereTwiceIsAnError) {
  EXPECT_EQ(refusal("a: 1\nb: 2\na: 3\n"), "line 3, column 1: the key \"a\" is there twice");
}

TEST(YamlTest, KeysThatAreNoWordsAndMergesOfNoMappingsAreErrors) {
  EXPECT_THAT(refusal("[1, 2]: x\n"), HasSubstr("line 1, column 1: a key must be a word"));
  EXPECT_THAT(refusal("a: {<<: 3}\n"), HasSubstr("<< takes a mapping"));
}

TEST(YamlTest, AnchorsThatGrowBeyondBoundsAreAnError) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) text += (j > 0 ? ", *a" : "*a") + std::to_string(i - 1);
    text += "]\n";
  }
  EXPECT_THAT(refusal(text), HasSubstr("more than 100000 values"));
}

TEST(YamlTest, LevelsAreBounded) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += '[';
  for (int i = 0; i < 100; ++i) deep += ']';
  EXPECT_THAT(refusal(deep), HasSubstr("more than 64 levels"));
}

TEST(YamlTest, AnEmptyFileIsNothing) { EXPECT_EQ(parse("# only this\n").kind, Yaml::Kind::null); }

}  // namespace
