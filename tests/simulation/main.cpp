// simulate: runs random schedules and reports how many held. Exit status 1 and the shortest failing schedule when one did not.
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "CLI/CLI.hpp"
#include "tests/simulation/contention.hpp"
#include "tests/simulation/world.hpp"

namespace {

int replay(const std::string& file) {
  std::ifstream journal(file);
  auto replayed = proxy::residency::replay(journal);
  if (!replayed || replayed->difference) {
    std::cout << (replayed ? *replayed->difference : replayed.error().message()) << '\n';
    return EXIT_FAILURE;
  }
  std::cout << replayed->events << " events, decided as they were\n";
  return replayed->events > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

void record(const simulation::Failure& failure, int steps, const std::string& file) {
  std::ofstream journal(file);
  simulation::Choices choices(failure.choices);
  simulation::run_schedule(choices, steps, [&](const std::string& line) { journal << line; });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Random schedules against the real residency core and supervisors"};
  std::uint64_t schedules = 100'000, seed = 1;
  int steps = 40;
  app.add_option("--schedules", schedules, "how many");
  app.add_option("--seed", seed, "of the first; the others follow");
  app.add_option("--steps", steps, "of trouble in each, before everything has to come to an end");
  std::uint64_t contentions = 0;
  app.add_option("--contention", contentions, "how many hours of well-behaved traffic to compare with the bound on waits, besides");
  std::string journal, failure_journal;
  app.add_option("--journal", failure_journal, "where the journal of the shortest failing schedule goes");
  app.add_option("--replay", journal, "a journal of `perch serve --journal`, run again instead");
  CLI11_PARSE(app, argc, argv);
  if (!journal.empty()) return replay(journal);
  const auto began = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < schedules; ++i) {
    auto failure = simulation::try_seed(seed + i, steps);
    if (!failure) continue;
    std::cout << "seed " << seed + i << ": " << failure->what << "\nshortest:";
    for (auto choice : failure->choices) std::cout << ' ' << choice;
    std::cout << '\n';
    if (!failure_journal.empty()) record(*failure, steps, failure_journal);
    return EXIT_FAILURE;
  }
  for (std::uint64_t i = 0; i < contentions; ++i) {
    const auto waits = simulation::contend(seed + i, std::chrono::hours(1));
    if (!waits.past_bound) continue;
    std::cout << "contention, seed " << seed + i << ": " << *waits.past_bound << '\n';
    return EXIT_FAILURE;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::cout << schedules << " schedules held, " << static_cast<std::uint64_t>(static_cast<double>(schedules) / seconds * 60)
            << " a minute\n";
}
