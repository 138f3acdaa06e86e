// The single-resident policy at work: requests come for a lease, operators load and unload, and one Core decides.
//
// Owned by the composition root, used on the loop thread. Owns the supervisors (one for each model id that was ever wanted). It carries
// actions out and turns what happens into inputs; what should happen stands in core.hpp.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "common/clock.hpp"
#include "common/deadline.hpp"
#include "common/task_group.hpp"
#include "proxy/residency/core.hpp"
#include "proxy/residency/lease.hpp"
#include "proxy/supervisor/supervisor.hpp"
#include "registry/catalog.hpp"

namespace proxy::residency {

// What is known about one model's worker, for status pages.
struct WorkerView {
  std::string model;
  supervisor::State state = supervisor::State::stopped;
  double load_fraction = 0;
  pid_t pid = 0;
  int spawns = 0;
  common::Duration load_time{};
  common::Ready ready;  // of the latest run that became ready
  common::Beat beat;
  std::optional<common::Error> last_failure;
};

struct View {
  Phase phase = Phase::vacant;
  std::string active;
  std::size_t leases = 0;
  std::size_t queued = 0;
  std::vector<WorkerView> workers;
};

struct Counters {
  std::uint64_t grants = 0;
  std::uint64_t rejections = 0;
  std::uint64_t loads = 0;  // that ended ready
  std::uint64_t load_failures = 0;
  std::uint64_t crashes = 0;    // of ready workers
  std::uint64_t evictions = 0;  // drains begun
};

class Residency {
 public:
  Residency(boost::asio::any_io_executor executor, common::Clock& clock, supervisor::Launcher& launcher, supervisor::Timeouts timeouts);
  ~Residency();

  // Waits for its turn; loads the model if it must. Cancelling the wait leaves the queue.
  boost::asio::awaitable<common::Result<Lease>> acquire(registry::Model model);
  // Returns once the model has gone, with whether it was there.
  boost::asio::awaitable<common::Result<bool>> unload(std::string id);
  void configure(const registry::Policy& policy);
  // The registry changed: a model whose entry is another now leaves when its requests are done.
  void apply(const registry::Catalog& before, const registry::Catalog& now);
  // Refuses the queue, drains within the drain timeout, stops everything.
  boost::asio::awaitable<void> shut_down();
  // Second request to stop: no more patience.
  void hurry();

  View view() const;
  const Counters& counters() const { return counters_; }
  // How far the wait of somebody asking for `model` now would be: loads ahead, from measured load times.
  std::chrono::milliseconds expected_wait(const std::string& model) const;

 private:
  struct Waiting;
  struct Unloading;

  void feed(const Input& input);
  void carry_out(const Action& action);
  void on_notice(const ModelId& model, const supervisor::Notice& notice);
  supervisor::Supervisor& supervisor_of(const ModelId& model);
  void resolve(WaiterId waiter, common::Result<Lease> outcome);
  void release(WaiterId waiter);
  void end_leases(const ModelId& model, const common::Error& why);
  common::Load load_of(const ModelId& model) const;

  boost::asio::any_io_executor executor_;
  common::Clock& clock_;
  supervisor::Launcher& launcher_;
  supervisor::Timeouts timeouts_;

  Core core_;
  std::deque<Input> inputs_;  // in order; carrying out an action may bring the next one
  bool feeding_ = false;
  WaiterId last_waiter_ = 0;
  std::map<WaiterId, Waiting*> waiting_;
  std::map<WaiterId, std::shared_ptr<LeaseState>> leases_;
  std::multimap<ModelId, Unloading*> unloading_;
  std::map<ModelId, registry::Model> models_;  // as last asked for
  std::map<ModelId, std::unique_ptr<supervisor::Supervisor>> supervisors_;
  Counters counters_;
  bool hurried_ = false;

  common::TaskGroup tasks_;
  common::Deadline deadline_;
};

}  // namespace proxy::residency
