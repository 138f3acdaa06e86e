// perch-bench: measurements of a running daemon. Each verb starts what it needs, prints a table and, on request, writes the benchmark
// envelope.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "bench/contention.hpp"
#include "bench/smoke.hpp"
#include "common/program_folder.hpp"

namespace {

namespace fs = std::filesystem;

constexpr int kUsage = 64;

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures Perch: starts a daemon of its own, asks it things and prints what it took.", "perch-bench");
  app.set_version_flag("--version", PERCH_VERSION);
  app.require_subcommand(1);
  app.footer("`deploy/bench engine` runs the engine beside llama-server.");
  int status = 1;

  bench::SmokeOptions smoke{.perch = common::beside_this_program("perch"),
                            .registry = fs::path(PERCH_SOURCE_FOLDER) / "registry" / "demo" / "registry.json"};
  auto* smoke_verb = app.add_subcommand("smoke", "Decode rate, time to first token and model switch time on the demo models");
  smoke_verb->add_flag("--short", smoke.short_form, "Two samples of each");
  smoke_verb->add_option("--json", smoke.json, "Write the benchmark envelope to this file");
  smoke_verb->add_option("--perch", smoke.perch, "The daemon (default: beside this program)")->check(CLI::ExistingFile);
  smoke_verb->add_option("--worker", smoke.worker, "The worker (default: perch-worker beside the daemon)")->check(CLI::ExistingFile);
  smoke_verb->add_option("--registry", smoke.registry, "The registry (default: the demo models)")->check(CLI::ExistingFile);
  smoke_verb->add_option("--first", smoke.first, "Role or id of the model that is measured");
  smoke_verb->add_option("--second", smoke.second, "Role or id of the model that is switched to");
  smoke_verb->callback([&] { status = bench::run_smoke(smoke); });

  const fs::path demo = fs::path(PERCH_SOURCE_FOLDER) / "registry" / "demo";
  bench::ContentionOptions contention{.perch = common::beside_this_program("perch"),
                                      .models = {demo / "sparrow-q8_0.gguf", demo / "sparrow-q4_k_m.gguf", demo / "wren-q8_0.gguf"}};
  auto* contention_verb = app.add_subcommand("contention", "Eight clients and two or three models, beside plain first come");
  contention_verb->add_flag("--short", contention.short_form, "Three models only, one trial of 3 s of each policy");
  contention_verb->add_option("--json", contention.json, "Write the benchmark envelope to this file");
  contention_verb->add_option("--perch", contention.perch, "The daemon (default: beside this program)")->check(CLI::ExistingFile);
  contention_verb->add_option("--worker", contention.worker, "The worker (default: perch-worker beside the daemon)")
      ->check(CLI::ExistingFile);
  contention_verb->add_option("--model", contention.models, "Three files of models (default: the demo models)")->check(CLI::ExistingFile);
  contention_verb->add_option("--large", contention.large, "The file of a larger model, measured under three ids")
      ->check(CLI::ExistingFile);
  contention_verb->add_option("--only", contention.only, "Measure models of this size only: demo, 300mb");
  contention_verb->add_option("--seconds", contention.seconds, "Of one trial (default: 30)")->check(CLI::PositiveNumber);
  contention_verb->add_option("--rounds", contention.rounds, "Trials of each policy (default: 3)")->check(CLI::PositiveNumber);
  contention_verb->add_option("--tokens", contention.tokens, "Of each answer (default: 16)")->check(CLI::Range(1, 200));
  contention_verb->callback([&] { status = bench::run_contention(contention); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  } catch (const std::exception& error) {
    std::cerr << "perch-bench: " << error.what() << '\n';
    return 1;
  }
  return status;
}
