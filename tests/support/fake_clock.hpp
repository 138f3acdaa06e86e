// A clock that moves only when told. Sleepers wait on one timer that never expires; advance() moves `now` and lets the loop run dry.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "common/clock.hpp"

namespace tests {

class FakeClock final : public common::Clock {
 public:
  explicit FakeClock(boost::asio::io_context& loop) : loop_(loop), wake_(loop, boost::asio::steady_timer::time_point::max()) {}

  common::TimePoint now() const override { return now_; }

  boost::asio::awaitable<void> sleep_until(common::TimePoint when) override {
    while (now_ < when) {
      co_await wake_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
      auto state = co_await boost::asio::this_coro::cancellation_state;
      if (state.cancelled() != boost::asio::cancellation_type::none)
        throw boost::system::system_error(boost::asio::error::operation_aborted);
    }
  }

  // Runs until nothing is runnable.
  void settle() {
    loop_.restart();
    loop_.poll();
  }
  void advance(common::Duration d) {
    settle();
    now_ += d;
    wake_.cancel();
    settle();
  }

 private:
  boost::asio::io_context& loop_;
  boost::asio::steady_timer wake_;
  common::TimePoint now_{std::chrono::hours(1000)};
};

}  // namespace tests
