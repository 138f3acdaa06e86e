// One generation, shared by its connection (event loop) and the engine thread: the request, its text on the way out, and the wish to stop.
//
// The queue between them is bounded. The engine never waits for it: it looks at full() and leaves the request's slot out of its next batch
// until the connection has caught up. The connection never waits for the engine except in next().
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "worker/engine/sampling.hpp"

namespace worker::serve {

struct JobRequest {
  std::vector<engine::Token> prompt;  // never empty; fits a slot with room for one token more
  engine::SamplingParams sampling;
  std::uint64_t max_tokens = 1;  // at least 1; prompt and answer fit a slot together
  std::vector<std::string> stop;
};

enum class FinishReason { stop, length, failed };

struct Finish {
  FinishReason reason = FinishReason::stop;
  common::Error error;  // of `failed`
  std::uint64_t prompt_tokens = 0;
  std::uint64_t cached_tokens = 0;
  std::uint64_t completion_tokens = 0;
};

class Job : public std::enable_shared_from_this<Job> {
 public:
  struct Progress {
    std::string text;  // bytes: may end inside a character
    std::optional<Finish> finish;
    bool cancelled = false;
  };

  // `wake_engine` is called from the event loop when the engine should look at this job again.
  Job(JobRequest request, boost::asio::any_io_executor executor, std::function<void()> wake_engine);

  const JobRequest& request() const { return request_; }

  // Engine thread.
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
  bool full() const;
  void push(std::string_view text);
  void finish(Finish finish);

  // Event loop. next() returns everything that has come since the last call, and waits if there is nothing.
  boost::asio::awaitable<Progress> next();
  void cancel();

 private:
  static constexpr std::size_t kMaxPieces = 64;
  static constexpr std::size_t kMaxBytes = 64 * 1024;

  void wake_reader();

  const JobRequest request_;
  boost::asio::any_io_executor executor_;
  std::function<void()> wake_engine_;
  std::atomic<bool> cancelled_{false};

  mutable std::mutex mutex_;
  std::string text_;
  std::size_t pieces_ = 0;
  std::optional<Finish> finish_;
  bool reader_waits_ = false;

  boost::asio::steady_timer arrival_;  // never expires: cancelled to wake next()
};

}  // namespace worker::serve
