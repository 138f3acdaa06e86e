// Workers that live in memory: a test plays the worker's part, message by message, and looks at what it was told.
#pragma once

#include <signal.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <memory>
#include <vector>

#include "common/one_shot.hpp"
#include "proxy/supervisor/launcher.hpp"

namespace tests {

// The part that outlives the supervisor's handle, so that a test can look at a worker that is gone.
struct FakeProcess {
  explicit FakeProcess(boost::asio::io_context& loop, std::string model_id)
      : model(std::move(model_id)), arrived(loop, boost::asio::steady_timer::time_point::max()), exit(loop.get_executor()) {}

  void say(common::FromWorker message) {
    outbox.push_back(std::move(message));
    arrived.cancel();
  }
  void hang_up() {
    hung_up = true;
    arrived.cancel();
  }
  void end(common::ExitStatus status) {
    exit.set(status);
    hang_up();
  }
  template <class Message>
  bool was_told() const {
    for (const auto& message : told) {
      if (std::holds_alternative<Message>(message)) return true;
    }
    return false;
  }

  std::string model;
  std::deque<common::FromWorker> outbox;
  boost::asio::steady_timer arrived;
  common::OneShot<common::ExitStatus> exit;
  bool hung_up = false;
  bool dies_of_signals = true;
  bool stopped = false;  // SIGSTOP
  bool leaves_descendants = false;
  std::uint64_t own_bytes = 0;
  int readings = 0;  // of own_bytes
  std::size_t serves = 0;
  std::optional<common::TimePoint> silent_since;
  common::Result<void> probe_outcome;
  std::vector<common::ToWorker> told;
  std::vector<int> signals;
};

class FakeLaunched final : public proxy::supervisor::LaunchedWorker {
 public:
  explicit FakeLaunched(std::shared_ptr<FakeProcess> process, int pid) : process_(std::move(process)), pid_(pid) {}

  pid_t pid() const override { return pid_; }
  const common::ServerAddress& data_address() const override { return address_; }
  boost::asio::awaitable<common::Result<common::FromWorker>> receive() override {
    auto process = process_;
    while (process->outbox.empty()) {
      if (process->hung_up) co_return common::fail(common::ErrorKind::io, "closed");
      co_await process->arrived.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
      auto state = co_await boost::asio::this_coro::cancellation_state;
      if (state.cancelled() != boost::asio::cancellation_type::none)
        throw boost::system::system_error(boost::asio::error::operation_aborted);
    }
    auto message = std::move(process->outbox.front());
    process->outbox.pop_front();
    co_return message;
  }
  void send(common::ToWorker message) override {
    if (std::holds_alternative<common::SaveSessions>(message)) process_->say(common::Saved{});
    process_->told.push_back(std::move(message));
  }
  void serves(const proxy::supervisor::Serving& serving) override {
    process_->serves = serving.requests;
    process_->silent_since = serving.silent_since;
  }
  void assign(const std::string& model) override { process_->model = model; }
  bool runs() const override { return !process_->exit.is_set() && !process_->stopped; }
  void signal(int number) override {
    process_->signals.push_back(number);
    if (process_->dies_of_signals) process_->end({.signal = number});
    process_->leaves_descendants = false;
  }
  boost::asio::awaitable<common::ExitStatus> wait_exit() override { return process_->exit.take(); }
  bool survivors() const override { return process_->leaves_descendants || !process_->exit.is_set(); }
  void kill_survivors() override {
    if (!process_->exit.is_set()) return signal(SIGKILL);
    process_->signals.push_back(SIGKILL);
    process_->leaves_descendants = false;
  }
  std::uint64_t own_bytes() const override {
    ++process_->readings;
    return process_->own_bytes;
  }
  boost::asio::awaitable<common::Result<void>> probe() override { co_return process_->probe_outcome; }
  std::vector<std::string> last_lines() const override { return {}; }

 private:
  std::shared_ptr<FakeProcess> process_;
  int pid_;
  common::ServerAddress address_ = common::UnixAddress{"/fake.sock"};
};

class FakeLauncher final : public proxy::supervisor::Launcher {
 public:
  explicit FakeLauncher(boost::asio::io_context& loop) : loop_(loop) {}

  common::Result<std::unique_ptr<proxy::supervisor::LaunchedWorker>> launch(const std::string& model) override {
    if (refuse) return common::fail(common::ErrorKind::io, "no such program");
    auto process = std::make_shared<FakeProcess>(loop_, model);
    processes.push_back(process);
    return std::make_unique<FakeLaunched>(process, 1000 + static_cast<int>(processes.size()));
  }
  boost::asio::awaitable<common::Result<void>> reach(proxy::supervisor::CommandServer) override {
    auto waits = reached;
    if (!waits) co_return common::Result<void>();
    auto outcome = co_await waits->take();
    co_return outcome;
  }
  common::Result<std::unique_ptr<proxy::supervisor::LaunchedWorker>> launch_command(
      const std::string& model, const proxy::supervisor::CommandServer& server) override {
    commands.push_back(server);
    return launch(model);
  }
  std::uint64_t available_bytes() const override { return available; }
  void keep_spare(proxy::supervisor::SpareWish wanted) override { wish = wanted; }
  FakeProcess& last() { return *processes.back(); }
  std::size_t alive() const {
    std::size_t n = 0;
    for (const auto& process : processes) n += !process->exit.is_set();
    return n;
  }

  bool refuse = false;
  std::shared_ptr<common::OneShot<common::Result<void>>> reached;  // whether the program of a command can be read; none: it can
  proxy::supervisor::SpareWish wish = proxy::supervisor::SpareWish::none;
  std::uint64_t available = std::uint64_t{64} << 30;
  std::vector<std::shared_ptr<FakeProcess>> processes;
  std::vector<proxy::supervisor::CommandServer> commands;  // of those that were started by one

 private:
  boost::asio::io_context& loop_;
};

inline common::Ready ready_message(const std::string& model, std::uint64_t slots = 4) {
  return {.model = model, .digest = "sha256:" + model, .context_tokens = 4096, .slots = slots};
}

}  // namespace tests
