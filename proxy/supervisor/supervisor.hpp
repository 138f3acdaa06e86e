// Keeps one model's worker process in the state that is wanted: spawns it, follows its control channel, holds it to its deadlines, stops
// and reaps it. What it decides stands in lifecycle.hpp; this is the thin shell.
//
// Owned by residency, one for each model id, used on the loop thread only. It never decides *that* a model should be loaded.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/deadline.hpp"
#include "common/task_group.hpp"
#include "proxy/supervisor/launcher.hpp"
#include "proxy/supervisor/lifecycle.hpp"

namespace proxy::supervisor {

// What the owner is told. `gone` comes once for every run, whatever ended it.
struct WorkerReady {};
struct DrainExpired {};  // the remaining leases must end now
struct WorkerGone {
  std::optional<common::Error> cause;  // nothing: it stopped because it was asked to
};
using Notice = std::variant<WorkerReady, DrainExpired, WorkerGone>;

class Supervisor {
 public:
  Supervisor(boost::asio::any_io_executor executor, common::Clock& clock, Launcher& launcher, Timeouts timeouts,
             std::function<void(Notice)> notify);
  ~Supervisor();

  // From stopped: starts the worker and loads `load`. Elsewhere it does nothing.
  void start(common::Load load);
  void evict() { dispatch(Event::evicted); }
  void drained() { dispatch(Event::drained); }
  void abandon() { dispatch(Event::abandoned); }
  void file_changed() { dispatch(Event::file_changed); }
  void set_drain_timeout(std::chrono::milliseconds timeout) { timeouts_.drain = timeout; }

  State state() const { return state_; }
  // Why a start would be refused now: backing off or quarantined.
  std::optional<common::Error> refusal() const;
  const common::Ready& ready_info() const { return ready_; }  // of the latest run that became ready
  double load_fraction() const { return load_fraction_; }
  const common::Beat& beat() const { return beat_; }
  std::string data_socket() const { return worker_ ? worker_->data_socket() : std::string(); }
  pid_t pid() const { return worker_ ? worker_->pid() : 0; }
  common::Duration load_time() const { return load_time_; }  // measured, of the latest load; zero before the first
  int spawns() const { return spawns_; }
  const std::optional<common::Error>& last_failure() const { return last_failure_; }

  // Kills what still runs, at once.
  void kill_now();
  // The same, and waits for it.
  boost::asio::awaitable<void> shut_down();

 private:
  void dispatch(Event event);
  void act(Action action);
  void spawn();
  void on_message(common::FromWorker message);
  void on_gone();
  Event outcome();
  std::optional<common::Error> cause_of_end() const;
  std::string describe_end() const;
  boost::asio::awaitable<void> follow(std::shared_ptr<LaunchedWorker> worker);
  boost::asio::awaitable<void> await_exit(std::shared_ptr<LaunchedWorker> worker);
  boost::asio::awaitable<void> collect(std::shared_ptr<LaunchedWorker> worker);
  boost::asio::awaitable<void> report_failed_spawn();

  boost::asio::any_io_executor executor_;
  common::Clock& clock_;
  Launcher& launcher_;
  Timeouts timeouts_;
  std::function<void(Notice)> notify_;

  State state_ = State::stopped;
  common::Load load_;
  std::shared_ptr<LaunchedWorker> worker_;
  common::Ready ready_;
  common::Beat beat_;
  double load_fraction_ = 0;
  common::TimePoint started_;
  common::Duration load_time_{};

  // About the current run, until it is gone.
  bool was_ready_ = false;
  bool asked_to_stop_ = false;
  std::optional<State> overran_;  // the state whose deadline it missed
  std::optional<common::Fatal> fatal_;
  std::optional<common::ExitStatus> exit_;
  std::optional<common::Error> spawn_failure_;

  std::optional<common::Error> last_failure_;
  int failures_ = 0;  // loads in a row
  int spawns_ = 0;

  common::TaskGroup tasks_;
  common::Deadline deadline_;
};

}  // namespace proxy::supervisor
