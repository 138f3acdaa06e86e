#include "bench/crowd.hpp"

#include <boost/asio/this_coro.hpp>
#include <exception>
#include <format>
#include <stdexcept>

#include "bench/chat.hpp"
#include "common/task_group.hpp"

namespace bench {

namespace asio = boost::asio;
using common::Json;

namespace {

class Crowd {
 public:
  explicit Crowd(const CrowdOptions& options) : options_(options) {
    trial_.began = std::chrono::steady_clock::now();
    trial_.length = options.length;
  }

  asio::awaitable<Trial> run() {
    auto executor = co_await asio::this_coro::executor;
    common::TaskGroup group(executor, "clients");
    for (std::size_t client = 0; client < options_.clients; ++client) group.spawn(follow(client));
    co_await group.join();
    if (failure_) std::rethrow_exception(failure_);
    co_return std::move(trial_);
  }

 private:
  bool over() const { return failure_ || std::chrono::steady_clock::now() >= trial_.began + trial_.length; }

  asio::awaitable<void> follow(std::size_t client) {
    try {
      for (std::uint64_t round = 0; !over(); ++round) co_await ask(client, round);
    } catch (const std::exception&) {
      failure_ = std::current_exception();
    }
  }

  asio::awaitable<void> ask(std::size_t client, std::uint64_t round) {
    const std::string& model = options_.models[model_of(options_.pattern, client, round, options_.models.size())];
    Json body = question(model, client + round);
    auto times = co_await timed_chat(options_.port, std::move(body));
    if (!times) throw std::runtime_error(std::format("asking {}: {}", model, times.error().message()));
    trial_.answers.push_back({.asked = times->sent, .first_token = times->first_token, .ended = std::chrono::steady_clock::now()});
  }

  // Counting is the longest answer that the demo models know, so every answer has all the tokens that it may have.
  Json question(const std::string& model, std::uint64_t number) const {
    const std::uint64_t from = 1 + number % 20;
    std::string words = std::format("Count from {} to {}.", from, from + 60);
    return Json{{"model", model},
                {"max_tokens", options_.tokens},
                {"temperature", 0},
                {"messages", Json::array({Json{{"role", "user"}, {"content", std::move(words)}}})}};
  }

  const CrowdOptions& options_;
  Trial trial_;
  std::exception_ptr failure_;
};

}  // namespace

asio::awaitable<Trial> run_crowd(CrowdOptions options) {
  Crowd crowd(options);
  auto running = crowd.run();
  Trial trial = co_await std::move(running);
  co_return trial;
}

}  // namespace bench
