#include "bench/contention_report.hpp"

#include <algorithm>
#include <format>

#include "bench/comparison.hpp"

namespace bench {

using common::Duration;

namespace {

double in_milliseconds(Duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

template <class Take>
std::vector<double> samples_of(const Contender& contender, Take take) {
  std::vector<double> samples;
  for (const Trial& trial : contender.trials) samples.push_back(take(figures_of(trial)));
  return samples;
}

double goodput(const Figures& figures) { return figures.goodput; }
double wait_worst(const Figures& figures) { return in_milliseconds(figures.wait_worst); }

Duration longest_wait(const Contender& contender) {
  Duration longest{0};
  for (const Trial& trial : contender.trials) longest = std::max(longest, figures_of(trial).wait_worst);
  return longest;
}

std::string words(const PolicyNumbers& numbers) {
  if (numbers.first_come) return "first come";
  const std::string residency = numbers.min_residency ? std::format("{} ms", numbers.min_residency->count()) : "measured";
  return std::format("max_wait {} ms, min_residency {}", numbers.max_wait.count(), residency);
}

class Reporter {
 public:
  explicit Reporter(const Match& match) : match_(match) {
    std::vector<Candidate> candidates;
    for (const Contender& ours : match.ours)
      candidates.push_back({.goodput = summarize(samples_of(ours, goodput)).median, .wait_worst = longest_wait(ours)});
    const auto best = best_within(candidates, longest_wait(match.plain));
    at_equal_worst_wait_ = best.has_value();
    compared_ = &match.ours[best ? *best : least_waiting(candidates)];
  }

  MatchReport report() {
    report_.title = std::format("contention: {} models ({}), {}, eight clients, {} tokens", match_.models, match_.size,
                                to_string(match_.pattern), match_.tokens);
    add_figures(match_.plain);
    for (const Contender& ours : match_.ours) {
      add_figures(ours);
      add_past_bound(ours);
    }
    add_ratio();
    add_ceiling();
    return std::move(report_);
  }

 private:
  bool shown(const Contender& contender) const { return &contender == &match_.plain || &contender == compared_; }

  void add_figures(const Contender& contender) {
    const std::string who = contender.numbers.first_come ? ", first come" : ", turns";
    const auto milliseconds = [](Duration Figures::* wait) { return [wait](const Figures& f) { return in_milliseconds(f.*wait); }; };
    add(contender, "goodput", "answers" + who, samples_of(contender, goodput), "1/s");
    add(contender, "swaps_per_minute", "swaps" + who, samples_of(contender, [](const Figures& f) { return f.swaps_per_minute; }), "1/min");
    add(contender, "swap_share", "time in swaps" + who, samples_of(contender, [](const Figures& f) { return 100 * f.swap_share; }), "%");
    add(contender, "swap_worst", "worst swap" + who, samples_of(contender, milliseconds(&Figures::worst_swap)), "ms");
    add(contender, "wait_p50", "wait, median" + who, samples_of(contender, milliseconds(&Figures::wait_p50)), "ms");
    add(contender, "wait_p99", "wait, 99th percentile" + who, samples_of(contender, milliseconds(&Figures::wait_p99)), "ms");
    add(contender, "wait_worst", "wait, worst" + who, samples_of(contender, wait_worst), "ms");
  }

  // The bound that holds for somebody who asks while no swap is under way, and how many waited longer than theirs: of all trials together,
  // and shown for all numbers that were tried, since a single one is too many.
  void add_past_bound(const Contender& ours) {
    std::vector<double> bounds, margins;
    double past = 0;
    for (const Trial& trial : ours.trials) {
      const auto rivals = static_cast<Duration::rep>(match_.models - 1);
      bounds.push_back(in_milliseconds(rivals * (ours.numbers.max_wait + figures_of(trial).worst_swap)));
      margins.push_back(in_milliseconds(-farthest_past_bound(trial, match_.models, ours.numbers.max_wait)));
      past += static_cast<double>(waits_past_bound(trial, match_.models, ours.numbers.max_wait));
    }
    add(ours, "wait_bound", "bound of a wait, turns", std::move(bounds), "ms");
    add(ours, "wait_bound_margin", "least left of a bound, turns", std::move(margins), "ms");
    add(ours, "waits_past_bound", "waits past their bound, turns", {past}, "waits");
  }

  void add_ratio() {
    const auto ours = samples_of(*compared_, goodput), plain = samples_of(match_.plain, goodput);
    std::vector<double> ratios;
    for (std::size_t i = 0; i < ours.size(); ++i) {
      if (plain[i] > 0) ratios.push_back(ours[i] / plain[i]);
    }
    if (!ratios.empty()) add(*compared_, "goodput_ratio", "answers: turns / first come", std::move(ratios), "ratio");
  }

  // What a ratio of three is to be judged by: where tokens take most of the time, no policy reaches it.
  void add_ceiling() {
    std::vector<double> ratios;
    for (double plain : samples_of(match_.plain, goodput)) {
      if (plain > 0) ratios.push_back(match_.without_swaps / plain);
    }
    add(match_.plain, "goodput_without_swaps", "answers, were all models there at once", {match_.without_swaps}, "1/s");
    if (!ratios.empty()) add(match_.plain, "goodput_ratio_ceiling", "answers: all there at once / first come", std::move(ratios), "ratio");
  }

  void add(const Contender& contender, std::string name, std::string what, std::vector<double> samples, std::string unit) {
    const Summary summary = summarize(std::move(samples));
    Measurement measurement{.name = name,
                            .metric = name == "waits_past_bound" ? "waits_past_bound_total" : name + "_median",
                            .value = summary.median,
                            .unit = unit,
                            .tags = {{"size", match_.size},
                                     {"models", std::to_string(match_.models)},
                                     {"pattern", std::string(to_string(match_.pattern))},
                                     {"tokens", std::to_string(match_.tokens)},
                                     {"policy", words(contender.numbers)},
                                     {"samples", std::to_string(summary.samples)},
                                     {"least", std::format("{:.4f}", summary.least)},
                                     {"most", std::format("{:.4f}", summary.most)}}};
    if (&contender == compared_) measurement.tags["compared"] = at_equal_worst_wait_ ? "at equal worst wait" : "waits longer";
    report_.results.push_back(std::move(measurement));
    if (shown(contender) || name == "waits_past_bound" || name == "wait_bound_margin")
      report_.rows.push_back({std::move(what), summary, std::move(unit), regime(contender)});
  }

  std::string regime(const Contender& contender) const {
    const bool longer = &contender == compared_ && !at_equal_worst_wait_;
    return words(contender.numbers) + (longer ? " (NOT at equal worst wait)" : "");
  }

  const Match& match_;
  const Contender* compared_ = nullptr;
  bool at_equal_worst_wait_ = false;
  MatchReport report_;
};

}  // namespace

MatchReport report_of(const Match& match) { return Reporter(match).report(); }

}  // namespace bench
