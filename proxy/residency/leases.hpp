// The leases that are out: who holds which, how one ends under its holder, and how long a server of somebody else's has been silent.
//
// Owned by Residency, used on the loop thread. Whether somebody is granted a lease is the Conductor's to decide.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "common/clock.hpp"
#include "proxy/residency/core.hpp"
#include "proxy/residency/lease.hpp"
#include "proxy/supervisor/launcher.hpp"

namespace proxy::residency {

class Leases {
 public:
  struct Hooks {
    std::function<void(const ModelId& model)> serving_changed;  // by a lease that came back, or by an answer: serving() is another now
    std::function<void(WaiterId waiter)> came_back;             // its lease; after that
  };
  // The clock outlives it, and it outlives the leases.
  Leases(common::Clock& clock, Hooks hooks) : clock_(clock), hooks_(std::move(hooks)) {}
  Leases(const Leases&) = delete;
  Leases& operator=(const Leases&) = delete;

  // For this waiter, on a worker that was started with `entry`. `run`: names that worker.
  Lease grant(const Grant& grant, std::string run, std::shared_ptr<const registry::Model> entry, common::ServerAddress data_address,
              std::string digest);
  // Their holders are told why. Returns how many ended by it: those that have ended already, or have come back, do not.
  std::size_t end(WaiterId waiter, const common::Error& why);
  std::size_t end_all(const ModelId& model, const common::Error& why);
  // What a model is asked for now, and since when it has been silent about that.
  supervisor::Serving serving(const ModelId& model) const;

 private:
  void listens(WaiterId waiter, bool waits);
  void release(WaiterId waiter);

  common::Clock& clock_;
  Hooks hooks_;
  std::map<WaiterId, std::shared_ptr<LeaseState>> leases_;
  std::map<ModelId, TimePoint> heard_;  // when the latest piece of any answer came, of those with an answer_timeout
};

}  // namespace proxy::residency
