// How long each part of a swap took, put together from the states that the leaving and the coming worker went through. Pure.
//
//   drain    no new requests, running ones finish          spawn   the next process starts and says hello
//   save     sessions are written down                     load    weights are read, context and buffers made
//   exit     told to stop, until the process has ended     probe   one real answer
//   release  nobody of it is left and its memory is back   total   from the beginning of the drain (or the spawn) to ready
#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/json.hpp"
#include "proxy/residency/conductor.hpp"

namespace proxy::residency {

class SwapRecorder {
 public:
  // Every effect of a Conductor, in order. A finished swap comes back when the next model is ready.
  std::optional<common::Json> on(const Effect& effect, TimePoint now);

 private:
  void left(supervisor::State state, TimePoint now);

  ModelId from_;  // that had to leave; empty: nobody was there
  Reason why_ = Reason::requested;
  std::optional<TimePoint> began_;
  TimePoint part_began_;
  std::map<std::string, double> seconds_;  // by part
};

}  // namespace proxy::residency
