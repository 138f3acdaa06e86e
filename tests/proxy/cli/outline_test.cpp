#include <gmock/gmock.h>

#include "tests/proxy/cli/small_app.hpp"

namespace {

using proxy::cli::ValueKind;
using testing::ElementsAre;

TEST(OutlineTest, HoldsTheVerbsInTheirOrderAndWithoutHiddenOnes) {
  const auto program = tests::small_program();
  std::vector<std::string> names;
  for (const auto& verb : program.verbs) names.push_back(verb.name);
  EXPECT_THAT(names, ElementsAre("serve", "load", "memory", "shell"));
  EXPECT_THAT(program.verbs[2].verbs[0].path, ElementsAre("perch", "memory", "lease"));
}

TEST(OutlineTest, SaysWhatEachOptionTakes) {
  const auto program = tests::small_program();
  const auto& serve = program.verbs[0];
  ASSERT_EQ(serve.options.size(), 3u);  // and --help
  EXPECT_THAT(serve.options[1].names, ElementsAre("-r", "--registry"));
  EXPECT_EQ(serve.options[1].kind, ValueKind::file);
  EXPECT_TRUE(serve.options[1].takes_value);
  EXPECT_EQ(serve.options[2].kind, ValueKind::choice);
  EXPECT_THAT(serve.options[2].choices, ElementsAre("info", "warn"));
  const auto& load = program.verbs[1];
  EXPECT_FALSE(load.options[1].takes_value);
  ASSERT_EQ(load.positionals.size(), 1u);
  EXPECT_EQ(load.positionals[0].kind, ValueKind::model);
  EXPECT_TRUE(load.positionals[0].required);
}

}  // namespace
