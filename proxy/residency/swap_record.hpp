// How long each part of a swap took, put together from the states that the leaving and the coming worker went through. Pure.
//
//   decide   since somebody asked, until the drain (or the spawn)   spawn   the next process starts, if none was ahead, and says hello
//   drain    no new requests, running ones finish                   load    read: weights are read; init: context and buffers are made
//   save     sessions are written down                              probe   one real answer
//   exit     told to stop, until the process has ended              total   from the beginning of the drain (or the spawn) to ready
//   release  nobody of it is left and its memory is back
#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/json.hpp"
#include "proxy/residency/conductor.hpp"

namespace proxy::residency {

class SwapRecorder {
 public:
  // Every effect of a Conductor, in order. A finished swap comes back when the next model is ready. `asked`: since when somebody waits for
  // the model that comes, with the effect that says that it loads.
  std::optional<common::Json> on(const Effect& effect, TimePoint now, std::optional<TimePoint> asked = std::nullopt);
  // The worker that loads says how far it is.
  void progressed(const std::string& stage, TimePoint now);
  // The worker of `model` is gone, and its memory back but for so many bytes.
  void released(const ModelId& model, std::uint64_t missing_bytes);

 private:
  void left(supervisor::State state, TimePoint now);

  ModelId from_;  // that had to leave; empty: nobody was there
  Reason why_ = Reason::requested;
  std::optional<TimePoint> began_;
  TimePoint part_began_;
  std::optional<TimePoint> init_began_;
  std::optional<std::uint64_t> missing_bytes_;  // of the memory of the one that had to leave; nothing: nobody had to
  std::map<std::string, double> seconds_;  // by part
};

}  // namespace proxy::residency
