// What the scripts hold; tests/cli lets the shells themselves run them.
#include "proxy/cli/completion.hpp"

#include <gmock/gmock.h>

#include "tests/proxy/cli/small_app.hpp"

namespace {

using testing::HasSubstr;
using testing::Not;

TEST(CompletionTest, HiddenThingsAreInNoScript) {
  for (const std::string& script :
       {bash_completion(tests::small_program()), zsh_completion(tests::small_program()), fish_completion(tests::small_program())}) {
    EXPECT_THAT(script, Not(HasSubstr("hidden")));
    EXPECT_THAT(script, Not(HasSubstr("secret")));
  }
}

TEST(CompletionTest, BashKnowsVerbsOptionsAndValues) {
  const std::string script = bash_completion(tests::small_program());
  EXPECT_THAT(script, HasSubstr("compgen -W 'serve load memory shell'"));
  EXPECT_THAT(script, HasSubstr("'perch memory lease') path='perch memory lease' ;;"));
  EXPECT_THAT(script, HasSubstr("'perch serve:-r') COMPREPLY=($(compgen -f"));
  EXPECT_THAT(script, HasSubstr("'perch serve:--level') COMPREPLY=($(compgen -W 'info warn'"));
  EXPECT_THAT(script, HasSubstr("perch models --names"));
}

TEST(CompletionTest, ZshAndFishGetTextsInTheirOwnQuoting) {
  EXPECT_THAT(zsh_completion(tests::small_program()), HasSubstr(R"('serve:Run it\: the daemon'\''s \[own\] verb')"));
  EXPECT_THAT(zsh_completion(tests::small_program()), HasSubstr(R"('--level[How much. It'\''s said]:TEXT:(info warn)')"));
  EXPECT_THAT(fish_completion(tests::small_program()), HasSubstr(R"(-a serve -d 'Run it: the daemon'\''s [own] verb')"));
  EXPECT_THAT(fish_completion(tests::small_program()), HasSubstr("complete -c perch -n '__fish_seen_subcommand_from memory; and not "
                                                                 "__fish_seen_subcommand_from lease release' -a lease -d 'Lend some'"));
}

}  // namespace
