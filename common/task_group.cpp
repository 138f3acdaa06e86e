#include "common/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <cassert>

#include "common/log.hpp"

namespace common {

namespace asio = boost::asio;

void log_end(const std::string& where, const std::exception_ptr& failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const asio::multiple_exceptions& both) {  // of coroutines that one waited for the first of: each was cancelled, say
    log_end(where, both.first_exception());
  } catch (const boost::system::system_error& e) {
    if (e.code() != asio::error::operation_aborted) log::error("task in {} failed: {}", where, e.what());
  } catch (const std::exception& e) {
    log::error("task in {} failed: {}", where, e.what());
  }
}

TaskGroup::TaskGroup(asio::any_io_executor executor, std::string name)
    : executor_(executor), name_(std::move(name)), empty_(executor, asio::steady_timer::time_point::max()) {}

TaskGroup::~TaskGroup() { assert(signals_.empty()); }

void TaskGroup::spawn(asio::awaitable<void> task) {
  auto signal = signals_.emplace(signals_.end());
  auto on_end = [this, signal](std::exception_ptr failure) {
    log_end(name_, failure);
    signals_.erase(signal);
    if (signals_.empty()) empty_.cancel();
  };
  asio::co_spawn(executor_, std::move(task), asio::bind_cancellation_slot(signal->slot(), std::move(on_end)));
}

void TaskGroup::cancel() {
  // A handler run by emit() may end its task and erase its signal, so step past each one before emitting.
  for (auto it = signals_.begin(); it != signals_.end();) {
    auto current = it++;
    current->emit(asio::cancellation_type::terminal);
  }
}

asio::awaitable<void> TaskGroup::join() {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  while (!signals_.empty()) co_await empty_.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace common
