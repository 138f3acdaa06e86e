// Work on a thread of its own (own_thread.hpp) whose outcome coroutines wait for: what asks a disk or a name server that may never answer.
// Whoever is cancelled, or has no more patience, leaves at once; the work goes on without him.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include "common/child_process.hpp"
#include "common/result.hpp"

namespace common {

// The end of work, which happens once on any thread and is waited for in coroutines.
class WorkEnd {
 public:
  // Runs `work` on a thread of its own. It calls reach() when its outcome is there. ErrorKind::io: it was not begun.
  Result<void> begin(std::function<void()> work);
  void reach();
  bool is_reached() const { return reached_; }
  // ErrorKind::io: there is no descriptor left to wait with.
  boost::asio::awaitable<Result<void>> wait() const;

 private:
  std::atomic<bool> reached_ = false;
  Descriptor tells_, told_;  // a pipe, whose writing end `tells_` closes when the end is reached
};

// Copies are of the same work.
template <class T>
class OwnWork {
 public:
  using Work = std::function<Result<T>()>;

  // Begins at once. `work` owns what it uses.
  explicit OwnWork(Work work) {
    auto begun = state_->end.begin([state = state_, work = std::move(work)] {
      state->outcome = do_safely(work);
      state->end.reach();
    });
    if (begun) return;
    state_->outcome = fail(begun.error());
    state_->end.reach();
  }

  bool is_over() const { return state_->end.is_reached(); }
  // As the work says. ErrorKind::io: it threw, or could not be begun or waited for.
  boost::asio::awaitable<Result<T>> outcome() const { return outcome_of(state_); }

 private:
  struct State {
    WorkEnd end;
    Result<T> outcome;  // once that is reached
  };

  static Result<T> do_safely(const Work& work) {
    try {
      return work();
    } catch (const std::exception& failure) {
      return fail(ErrorKind::io, failure.what());
    }
  }

  static boost::asio::awaitable<Result<T>> outcome_of(std::shared_ptr<State> state) {
    auto waiting = state->end.wait();
    auto waited = co_await std::move(waiting);
    if (!waited) co_return fail(waited.error());
    co_return state->outcome;
  }

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace common
