// One deadline that can be moved: calls back once when it passes. The owner's "every state has exactly one deadline" in one member.
//
// Sleeps through the owner's TaskGroup and Clock. Moving it later costs nothing; a sleeper that wakes early goes back to sleep.
#pragma once

#include <functional>
#include <optional>

#include "common/clock.hpp"
#include "common/task_group.hpp"

namespace common {

class Deadline {
 public:
  // All three must outlive the group's tasks: destroy a Deadline only after the group is joined.
  Deadline(TaskGroup& tasks, Clock& clock, std::function<void()> on_passed);

  void set(std::optional<TimePoint> when);
  std::optional<TimePoint> when() const { return when_; }

 private:
  boost::asio::awaitable<void> sleep(TimePoint wake);

  TaskGroup& tasks_;
  Clock& clock_;
  std::function<void()> on_passed_;
  std::optional<TimePoint> when_;
  std::optional<TimePoint> next_wake_;  // of the earliest sleeper
};

}  // namespace common
