#include "bench/contention.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cmath>
#include <format>
#include <iostream>
#include <stdexcept>

#include "bench/comparison.hpp"
#include "bench/contention_report.hpp"

namespace bench {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using common::Duration;

namespace {

constexpr std::size_t kModels = 3;

struct ModelSet {
  std::string size;
  std::vector<ModelFile> models;
};

// Three ids of one file are three models to the daemon: it swaps on ids, and loads the file anew each time.
ModelSet large_set(const fs::path& file) {
  const auto megabytes = std::lround(static_cast<double>(fs::file_size(file)) / 1e7) * 10;
  ModelSet large{.size = std::format("{}mb", megabytes), .models = {}};
  for (const char* id : {"a", "b", "c"}) large.models.push_back({.id = id, .artifact = fs::absolute(file)});
  return large;
}

std::vector<ModelSet> sets_of(const ContentionOptions& options) {
  if (options.models.size() != kModels) throw std::runtime_error(std::format("{} models are needed", kModels));
  std::vector<ModelSet> sets{{.size = "demo", .models = {}}};
  for (const fs::path& file : options.models) sets[0].models.push_back({.id = file.stem().string(), .artifact = fs::absolute(file)});
  if (!options.large.empty()) sets.push_back(large_set(options.large));
  std::erase_if(sets, [&](const ModelSet& set) { return !options.only.empty() && set.size != options.only; });
  if (sets.empty()) throw std::runtime_error(std::format("there are no models of the size {}", options.only));
  return sets;
}

class Contention {
 public:
  explicit Contention(const ContentionOptions& options)
      : options_(options),
        length_(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options.seconds.value_or(options.short_form ? 3 : 30)))),
        rounds_(options.rounds.value_or(options.short_form ? 1 : 3)) {}

  asio::awaitable<void> measure() {
    for (const ModelSet& set : sets_of(options_)) {
      envelope_.model += (envelope_.model.empty() ? "" : ", ") + set.size;
      auto measuring = measure_alone(set);
      goodput_alone_ = co_await std::move(measuring);
      for (std::size_t models = options_.short_form ? kModels : 2; models <= kModels; ++models) {
        for (Pattern pattern : {Pattern::random, Pattern::lockstep}) co_await measure(set, models, pattern);
      }
    }
    if (!options_.json.empty()) write_envelope(options_.json, envelope_);
  }

 private:
  PolicyTrial trial_of(std::vector<ModelFile> models, Pattern pattern) const {
    return {.perch = options_.perch,
            .worker = options_.worker,
            .models = std::move(models),
            .pattern = pattern,
            .tokens = options_.tokens,
            .length = length_};
  }

  // Everybody asks for one model, which stays.
  asio::awaitable<std::vector<double>> measure_alone(const ModelSet& set) {
    std::vector<double> goodput;
    for (const ModelFile& model : set.models) {
      Contender alone;
      co_await add_trial(alone, trial_of({model}, Pattern::lockstep));
      goodput.push_back(figures_of(alone.trials.front()).goodput);
      if (goodput.back() == 0)
        throw std::runtime_error(std::format("{} answered nobody in time: give the trials more --seconds", model.id));
    }
    co_return goodput;
  }

  asio::awaitable<void> measure(const ModelSet& set, std::size_t models, Pattern pattern) {
    Match match{.size = set.size,
                .models = models,
                .pattern = pattern,
                .tokens = options_.tokens,
                .without_swaps = without_swaps({goodput_alone_.begin(), goodput_alone_.begin() + static_cast<std::ptrdiff_t>(models)}),
                .plain = {.numbers = {.first_come = true}, .trials = {}},
                .ours = {}};
    PolicyTrial trial = trial_of({set.models.begin(), set.models.begin() + static_cast<std::ptrdiff_t>(models)}, pattern);
    for (int round = 0; round < rounds_; ++round) {
      co_await add_trial(match.plain, trial);
      if (round == 0) match.ours = contenders_for(figures_of(match.plain.trials.front()), models);
      for (Contender& ours : match.ours) co_await add_trial(ours, trial);
    }
    tell(report_of(match));
  }

  asio::awaitable<void> add_trial(Contender& contender, const PolicyTrial& trial) {
    auto trying = try_policy(trial, contender.numbers);
    Trial seen = co_await std::move(trying);
    if (seen.answers.empty()) throw std::runtime_error("nobody was answered");
    contender.trials.push_back(std::move(seen));
  }

  // The policy as it comes, with the max_wait that promises no longer waits than the plain one's worst, and, since that promise is seldom
  // needed in full, with parts of that worst wait itself.
  std::vector<Contender> contenders_for(const Figures& plain, std::size_t models) const {
    using std::chrono::milliseconds;
    const auto with = [](milliseconds max_wait) {
      return Contender{.numbers = {.max_wait = max_wait, .min_residency = milliseconds(0)}, .trials = {}};
    };
    std::vector<Contender> ours{with(max_wait_for(plain.wait_worst, plain.worst_swap, models))};
    if (options_.short_form) return ours;
    for (int parts : {8, 4, 2, 1}) ours.push_back(with(std::chrono::floor<milliseconds>(plain.wait_worst / parts)));
    ours.push_back({.numbers = {}, .trials = {}});
    return ours;
  }

  void tell(MatchReport report) {
    print_table(report.title, report.rows);
    std::cout << std::endl;
    for (Measurement& measurement : report.results) envelope_.results.push_back(std::move(measurement));
  }

  const ContentionOptions& options_;
  Duration length_;
  int rounds_;
  std::vector<double> goodput_alone_;  // answers a second, of each model of the set
  Envelope envelope_{.suite = Suite::throughput};
};

}  // namespace

int run_contention(const ContentionOptions& options) {
  Contention contention(options);
  asio::io_context loop(1);
  std::exception_ptr failure;
  asio::co_spawn(loop, contention.measure(), [&](std::exception_ptr thrown) { failure = thrown; });
  loop.run();
  if (failure) std::rethrow_exception(failure);
  return 0;
}

}  // namespace bench
