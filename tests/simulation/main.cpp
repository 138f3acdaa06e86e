// simulate: runs random schedules and reports how many held. Exit status 1 and the shortest failing schedule when one did not.
#include <chrono>
#include <cstdlib>
#include <iostream>

#include "CLI/CLI.hpp"
#include "tests/simulation/world.hpp"

int main(int argc, char** argv) {
  CLI::App app{"Random schedules against the real residency core and supervisors"};
  std::uint64_t schedules = 100'000, seed = 1;
  int steps = 40;
  app.add_option("--schedules", schedules, "how many");
  app.add_option("--seed", seed, "of the first; the others follow");
  app.add_option("--steps", steps, "of trouble in each, before everything has to come to an end");
  CLI11_PARSE(app, argc, argv);
  const auto began = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < schedules; ++i) {
    auto failure = simulation::try_seed(seed + i, steps);
    if (!failure) continue;
    std::cout << "seed " << seed + i << ": " << failure->what << "\nshortest:";
    for (auto choice : failure->choices) std::cout << ' ' << choice;
    std::cout << '\n';
    return EXIT_FAILURE;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::cout << schedules << " schedules held, " << static_cast<std::uint64_t>(static_cast<double>(schedules) / seconds * 60)
            << " a minute\n";
}
