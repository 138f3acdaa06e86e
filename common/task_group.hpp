// A scope for coroutines: tasks spawned into a group are cancelled and joined before the group goes away.
//
// One owner, one loop thread. A task that ends with an exception other than cancellation is a bug or exhausted memory: it is logged with
// the group's name and the rest goes on. `join()` must be awaited before destruction (asserted).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <list>
#include <string>

namespace common {

// Logs why a coroutine at the root of others ended, unless it was cancelled. `where`: for the log.
void log_end(const std::string& where, const std::exception_ptr& failure);

class TaskGroup {
 public:
  TaskGroup(boost::asio::any_io_executor executor, std::string name);
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  ~TaskGroup();

  void spawn(boost::asio::awaitable<void> task);
  void cancel();
  // Returns when every task has ended. Does not cancel them; not itself interrupted by cancellation.
  boost::asio::awaitable<void> join();
  std::size_t size() const { return signals_.size(); }

 private:
  boost::asio::any_io_executor executor_;
  std::string name_;
  std::list<boost::asio::cancellation_signal> signals_;
  boost::asio::steady_timer empty_;  // never expires: cancelled to wake join()
};

}  // namespace common
