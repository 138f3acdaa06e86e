// A command line with one of everything, for tests of what describes one.
#pragma once

#include <CLI/CLI.hpp>

#include "proxy/cli/outline.hpp"

namespace tests {

inline proxy::cli::VerbOutline small_program() {
  static std::string text;
  static bool flag = false;
  CLI::App app("Does things.", "perch");
  auto* serve = app.add_subcommand("serve", "Run it: the daemon's [own] verb");
  serve->add_option("--registry,-r", text, "The file")->type_name("FILE");
  serve->add_option("--level", text, "How much. It's said")->check(CLI::IsMember({"info", "warn"}));
  serve->add_option("--hidden", text, "Nobody sees it")->group("");
  auto* load = app.add_subcommand("load", "Load one");
  load->add_option("model", text, "Its name")->type_name("MODEL")->required();
  load->add_flag("--no-wait", flag, "Go at once");
  auto* memory = app.add_subcommand("memory", "Show memory");
  memory->add_subcommand("lease", "Lend some")->add_option("gib", text, "How much")->required();
  memory->add_subcommand("release", "End it");
  app.add_subcommand("shell", "Pick one")->add_option("shell", text, "Which")->check(CLI::IsMember({"bash", "zsh"}));
  app.add_subcommand("secret", "Nobody sees it")->group("");
  return proxy::cli::outline_of(app);
}

}  // namespace tests
