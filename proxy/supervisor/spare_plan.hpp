// When to start a worker ahead, before anybody knows for which model, and when to do without one. Pure; SpareLauncher carries it out.
//
// A spare has said hello and holds no model, so it costs a few megabytes and saves the next load the start of a process. It is a
// convenience: one that dies, does not come up or finds no memory is never waited for, and is tried again less and less often.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "common/clock.hpp"

namespace proxy::supervisor {

// What the owner wants.
enum class SpareWish {
  none,  // whoever is there ends
  keep,  // whoever is there stays; none is started now
  have,  // one is started if there is none
};

struct SpareTimes {
  std::chrono::milliseconds hello{5'000};      // then it is ended
  std::chrono::milliseconds promising{1'000};  // so long after its start it is taken although it has not said hello yet
  std::chrono::milliseconds again_first{1'000};
  std::chrono::milliseconds again_most{60'000};
  std::uint64_t room = 256ull << 20;  // of available memory, or none is started: many times what one holds
};

// The spare that is there.
struct SpareFacts {
  bool said_hello = false;
  common::TimePoint started;
};

class SparePlan {
 public:
  enum class Step { nothing, start, end, give_up };  // give_up: as end, because it does not come up

  explicit SparePlan(const SpareTimes& times) : times_(times) {}

  Step next(SpareWish wish, const std::optional<SpareFacts>& spare, common::TimePoint now) const;
  // When to ask again although nothing happens.
  std::optional<common::TimePoint> deadline(SpareWish wish, const std::optional<SpareFacts>& spare) const;
  // Otherwise a new process is the safer way to a worker.
  bool may_be_taken(const SpareFacts& spare, common::TimePoint now) const;
  // 0: it cannot be told, and nothing speaks against it.
  bool has_room(std::uint64_t available_bytes) const { return available_bytes == 0 || available_bytes >= times_.room; }

  // It could not be started, ended by itself, did not come up, or found no room. One that was there for a long time is a new story.
  void failed(common::TimePoint now, const std::optional<SpareFacts>& spare);
  void taken() { failures_ = 0; }  // it was of use

 private:
  SpareTimes times_;
  int failures_ = 0;  // in a row
  common::TimePoint not_before_{};
};

}  // namespace proxy::supervisor
