// One answer in the making, shared by its connection (event loop) and the engine thread: the request, its text on the way out, and the wish
// to stop.
//
// The queue between them is bounded. The engine never waits for it: it looks at full() and leaves the request's slot out of its next batch
// until the connection has caught up. The connection waits at its mailbox, which all jobs of one request (`n` of them) share.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "worker/engine/picture.hpp"
#include "worker/engine/sampling.hpp"

namespace worker::serve {

// Where thinking begins and ends in the text, and how long it may take.
struct Thinking {
  std::string begin;  // empty: the model does not think
  std::string end;
  bool begun = false;                  // by the prompt
  std::optional<std::uint64_t> limit;  // tokens; after them `ending` is said for the model
  std::vector<engine::Token> ending;
};

struct JobRequest {
  std::vector<engine::Token> prompt;      // never empty; fits a slot with room for one token more
  std::vector<engine::Picture> pictures;  // in the prompt, which does not end with one
  engine::SamplingParams sampling;
  engine::GrammarGuard grammar;
  Thinking thinking;
  std::uint64_t max_tokens = 1;  // at least 1; prompt and answer fit a slot together
  std::vector<std::string> stop;
  std::optional<std::size_t> logprobs;  // how many alternatives per token; absent: none are wanted
  bool prompt_logprobs = false;         // of the prompt's tokens too, before the answer's; takes logprobs and an uncached prompt
  bool cache_prompt = true;
  std::string owner = {};  // whose request it is; empty: nobody's in particular
};

enum class FinishReason { stop, length, failed };

struct Timings {
  std::chrono::microseconds queued{0};  // until a slot was free, and a beginning that somebody else was reading was there
  std::chrono::microseconds prompt{0};  // until the first token
  std::chrono::microseconds answer{0};  // from there on
};

struct Finish {
  FinishReason reason = FinishReason::stop;
  common::Error error;  // of `failed`
  std::uint64_t prompt_tokens = 0;
  std::uint64_t cached_tokens = 0;
  std::uint64_t completion_tokens = 0;
  std::uint64_t reasoning_tokens = 0;
  Timings timings;
};

// One token of the answer, or of the prompt, where logprobs are wanted.
struct TokenRecord {
  engine::Token token = 0;
  std::optional<engine::Logprobs> probs;  // absent: the first token of all, before which there is nothing that makes it likely
};

// Wakes one coroutine on the event loop, from any thread. A knock while nobody waits is kept for the next wait.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  explicit Mailbox(boost::asio::any_io_executor executor);
  void knock();
  boost::asio::awaitable<void> wait();

 private:
  boost::asio::any_io_executor executor_;
  std::mutex mutex_;
  bool knocked_ = false;
  bool waiting_ = false;
  boost::asio::steady_timer arrival_;  // never expires: cancelled to wake
};

class Job {
 public:
  struct Progress {
    std::string text;  // bytes: may end inside a character
    std::vector<TokenRecord> records;
    std::optional<Finish> finish;
    bool cancelled = false;
    bool any() const { return !text.empty() || !records.empty() || finish || cancelled; }
  };

  // `wake_engine` is called, from any thread, when the engine should look at this job again.
  Job(JobRequest request, std::shared_ptr<Mailbox> mailbox, std::function<void()> wake_engine);

  const JobRequest& request() const { return request_; }

  // Engine thread.
  engine::GrammarGuard take_grammar() { return std::move(request_.grammar); }
  std::chrono::steady_clock::time_point arrived() const { return arrived_; }
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
  bool full() const;
  void push(std::string_view text, std::vector<TokenRecord> records = {});
  const std::function<void()>& wake_engine() const { return wake_engine_; }  // from any thread
  void finish(Finish finish);

  // Event loop. take() returns everything that has come since the last call; next() waits until there is something.
  Progress take();
  boost::asio::awaitable<Progress> next();
  void cancel();

 private:
  static constexpr std::size_t kMaxPieces = 64;
  static constexpr std::size_t kMaxBytes = 64 * 1024;

  bool full_locked() const { return pieces_ >= kMaxPieces || text_.size() >= kMaxBytes; }

  JobRequest request_;
  const std::shared_ptr<Mailbox> mailbox_;
  const std::function<void()> wake_engine_;
  const std::chrono::steady_clock::time_point arrived_ = std::chrono::steady_clock::now();
  std::atomic<bool> cancelled_{false};

  mutable std::mutex mutex_;
  std::string text_;
  std::vector<TokenRecord> records_;
  std::size_t pieces_ = 0;
  std::optional<Finish> finish_;
};

}  // namespace worker::serve
