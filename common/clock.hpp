// Time, as something that can be faked. Everything in the daemon that waits or measures takes a Clock&.
//
// Steady time only: the wall clock may jump. `SteadyClock` sleeps on the event loop; tests/support/fake_clock.hpp has the other one.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>

namespace common {

using namespace std::chrono_literals;
using TimePoint = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  // Returns at `when` or later. Cancellation throws system_error(operation_aborted), as every await does.
  virtual boost::asio::awaitable<void> sleep_until(TimePoint when) = 0;

  boost::asio::awaitable<void> sleep_for(Duration d) { return sleep_until(now() + d); }
};

class SteadyClock final : public Clock {
 public:
  TimePoint now() const override { return std::chrono::steady_clock::now(); }
  boost::asio::awaitable<void> sleep_until(TimePoint when) override;
};

}  // namespace common
