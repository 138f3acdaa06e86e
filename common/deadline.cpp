#include "common/deadline.hpp"

namespace common {

Deadline::Deadline(TaskGroup& tasks, Clock& clock, std::function<void()> on_passed)
    : tasks_(tasks), clock_(clock), on_passed_(std::move(on_passed)) {}

void Deadline::set(std::optional<TimePoint> when) {
  when_ = when;
  if (!when || (next_wake_ && *next_wake_ <= *when)) return;
  next_wake_ = when;
  tasks_.spawn(sleep(*when));
}

boost::asio::awaitable<void> Deadline::sleep(TimePoint wake) {
  co_await clock_.sleep_until(wake);
  if (next_wake_ != wake) co_return;  // an earlier sleeper took over
  next_wake_.reset();
  if (!when_) co_return;
  if (*when_ > clock_.now()) {
    set(when_);
    co_return;
  }
  when_.reset();
  on_passed_();
}

}  // namespace common
