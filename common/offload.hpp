// Blocking work (file reads, hashing, directory walks) on a thread pool; the value comes back on the caller's loop.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace common {

namespace detail {
template <class F>
boost::asio::awaitable<std::invoke_result_t<F&>> call(F work) {
  co_return work();
}
}  // namespace detail

// `work` owns what it needs: it may outlive the caller's frame if that is cancelled. `where`: a pool's executor, or a strand of it.
template <class F>
boost::asio::awaitable<std::invoke_result_t<F&>> offload(boost::asio::any_io_executor where, F work) {
  auto task = detail::call(std::move(work));
  co_return co_await boost::asio::co_spawn(where, std::move(task), boost::asio::use_awaitable);
}

template <class F>
boost::asio::awaitable<std::invoke_result_t<F&>> offload(boost::asio::thread_pool& pool, F work) {
  return offload(boost::asio::any_io_executor(pool.get_executor()), std::move(work));
}

}  // namespace common
