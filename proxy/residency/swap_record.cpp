#include "proxy/residency/swap_record.hpp"

#include <algorithm>

namespace proxy::residency {

using supervisor::State;

namespace {

// The part of a swap that ends when a worker leaves this state.
const char* part_of(State state) {
  switch (state) {
    case State::draining: return "drain";
    case State::saving: return "save";
    case State::aborting:
    case State::stopping: return "exit";
    case State::reaping:
    case State::unkillable: return "release";
    case State::starting: return "spawn";
    case State::loading: return "load";
    case State::probing: return "probe";
    default: return nullptr;
  }
}

double seconds_between(TimePoint from, TimePoint to) { return std::chrono::duration<double>(to - from).count(); }

}  // namespace

std::optional<common::Json> SwapRecorder::on(const Effect& effect, TimePoint now, std::optional<TimePoint> asked) {
  if (auto* phase = std::get_if<PhaseChanged>(&effect)) {
    if (phase->pinned) return std::nullopt;
    if (phase->phase == Phase::loading) {
      why_ = phase->why;
      if (asked && began_) seconds_["decide"] = std::max(0.0, seconds_between(*asked, *began_));
    }
    if (phase->phase == Phase::vacant) began_.reset();  // nobody comes: it was no swap
    return std::nullopt;
  }
  auto* moved = std::get_if<WorkerMoved>(&effect);
  if (!moved || moved->pinned) return std::nullopt;
  const State to = moved->moved.to;
  left(moved->moved.from, now);
  const bool begins = to == State::draining || (to == State::starting && !began_) || (to == State::reaping && !began_);
  if (begins) {
    began_ = now;
    seconds_.clear();
    missing_bytes_.reset();
    from_ = to == State::starting ? ModelId() : moved->model;
  }
  if (to == State::ready && moved->moved.from == State::draining) began_.reset();  // taken back
  if (to != State::ready || moved->moved.from != State::probing) return std::nullopt;
  common::Json parts = common::Json::object();
  for (const auto& [part, seconds] : seconds_) parts[part] = seconds;
  parts["total"] = seconds_between(*began_, now);
  began_.reset();
  common::Json released = nullptr;
  if (missing_bytes_) released = {{"verified", *missing_bytes_ == 0}, {"missing_bytes", *missing_bytes_}};
  return common::Json{{"from", common::json_or_null(from_)},
                      {"to", moved->model},
                      {"reason", to_string(why_)},
                      {"seconds", std::move(parts)},
                      {"released", std::move(released)}};
}

void SwapRecorder::progressed(const std::string& stage, TimePoint now) {
  if (!init_began_ && (stage == "context" || stage == "warmup")) init_began_ = now;
}

void SwapRecorder::released(const ModelId& model, std::uint64_t missing_bytes) {
  if (began_ && model == from_) missing_bytes_ = missing_bytes;
}

void SwapRecorder::left(State state, TimePoint now) {
  if (const char* part = part_of(state)) seconds_[part] += seconds_between(part_began_, now);
  if (state == State::loading) {
    const TimePoint read = init_began_.value_or(now);
    seconds_["read"] += seconds_between(part_began_, read);
    seconds_["init"] += seconds_between(read, now);
  }
  init_began_.reset();
  part_began_ = now;
}

}  // namespace proxy::residency
