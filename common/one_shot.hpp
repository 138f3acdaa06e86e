// A value that one coroutine waits for and somebody else sets, once, on the same loop thread.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <utility>

namespace common {

template <class T>
class OneShot {
 public:
  explicit OneShot(boost::asio::any_io_executor executor) : set_(executor, boost::asio::steady_timer::time_point::max()) {}

  // Later values are ignored.
  void set(T value) {
    if (value_) return;
    value_ = std::move(value);
    set_.cancel();
  }
  bool is_set() const { return value_.has_value(); }

  // Cancellation throws system_error(operation_aborted), unless the value is there already: a value that was handed over is never lost.
  boost::asio::awaitable<T> take() {
    while (!value_) {
      co_await set_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
      auto state = co_await boost::asio::this_coro::cancellation_state;
      if (!value_ && state.cancelled() != boost::asio::cancellation_type::none)
        throw boost::system::system_error(boost::asio::error::operation_aborted);
    }
    co_return std::move(*value_);
  }

 private:
  boost::asio::steady_timer set_;  // never expires: cancelled to wake the waiter
  std::optional<T> value_;
};

}  // namespace common
