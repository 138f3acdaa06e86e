// Runs coroutines from a plain test body: run() returns their value, and gives up loudly after a deadline instead of hanging.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace tests {

class LoopRunner {
 public:
  explicit LoopRunner(std::chrono::seconds patience = std::chrono::seconds(60)) : patience_(patience) {}

  boost::asio::io_context& loop() { return loop_; }

  template <class T>
  T run(boost::asio::awaitable<T> task) {
    std::optional<T> value;
    std::exception_ptr failure;
    bool done = false;
    boost::asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr thrown, T result) {
      failure = thrown;
      value = std::move(result);
      done = true;
    });
    run_until([&] { return done; });
    if (failure) std::rethrow_exception(failure);
    return std::move(*value);
  }

  template <class Condition>
  void run_until(Condition condition) {
    auto deadline = std::chrono::steady_clock::now() + patience_;
    while (!condition()) {
      loop_.restart();
      if (loop_.run_one_until(deadline) == 0 && std::chrono::steady_clock::now() >= deadline)
        throw std::runtime_error("the test waited too long");
    }
  }

 private:
  boost::asio::io_context loop_{1};
  std::chrono::seconds patience_;
};

}  // namespace tests
