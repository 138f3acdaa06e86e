#include "common/clock.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace common {

namespace asio = boost::asio;

asio::awaitable<void> SteadyClock::sleep_until(TimePoint when) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, when);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace common
