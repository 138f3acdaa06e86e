// How fast each model generates on this machine, from the beats of its workers. Pure.
//
// What counts is whole intervals between two beats of one worker, the first of which says that it is busy: when a generation began within
// the second before its first beat is not known. Prompts that are read meanwhile take their share of the time, as they do for callers.
#pragma once

#include <map>
#include <optional>

#include "common/worker_protocol.hpp"
#include "proxy/residency/core.hpp"

namespace proxy::residency {

class SpeedMeter {
 public:
  // A beat of the worker of this run.
  void on(const ModelId& model, int run, const common::Beat& beat, TimePoint now);
  // All slots together, over the time in which at least one was busy. Nothing: less than a second was seen.
  std::optional<double> tokens_per_second(const ModelId& model) const;

 private:
  struct Seen {
    int run = 0;
    common::Beat beat;  // the latest
    TimePoint at;
    double tokens = 0, seconds = 0;  // the past counts less and less
  };
  std::map<ModelId, Seen> seen_;
};

}  // namespace proxy::residency
