#include "proxy/residency/swap_record.hpp"

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

}  // namespace

std::optional<common::Json> SwapRecorder::on(const Effect& effect, TimePoint now) {
  if (auto* phase = std::get_if<PhaseChanged>(&effect)) {
    if (phase->pinned) return std::nullopt;
    if (phase->phase == Phase::loading) why_ = phase->why;
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
    from_ = to == State::starting ? ModelId() : moved->model;
  }
  if (to == State::ready && moved->moved.from == State::draining) began_.reset();  // taken back
  if (to != State::ready || moved->moved.from != State::probing) return std::nullopt;
  common::Json parts = common::Json::object();
  for (const auto& [part, seconds] : seconds_) parts[part] = seconds;
  parts["total"] = std::chrono::duration<double>(now - *began_).count();
  began_.reset();
  return common::Json{{"from", from_.empty() ? common::Json(nullptr) : common::Json(from_)},
                      {"to", moved->model},
                      {"reason", to_string(why_)},
                      {"seconds", std::move(parts)}};
}

void SwapRecorder::left(State state, TimePoint now) {
  if (const char* part = part_of(state)) seconds_[part] += std::chrono::duration<double>(now - part_began_).count();
  part_began_ = now;
}

}  // namespace proxy::residency
