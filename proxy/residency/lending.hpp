// Memory that Perch gives up for a while, for those who ask for it and wait until it is there: memory_leases.hpp at work.
//
// Owned by Residency, used on the loop thread. Who has to leave for what is lent is the Conductor's to decide.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.hpp"
#include "common/result.hpp"
#include "proxy/residency/conductor.hpp"
#include "proxy/residency/event_log.hpp"
#include "proxy/residency/memory_leases.hpp"

namespace proxy::residency {

// What became of memory that was asked for.
struct Lent {
  MemoryLease lease;
  std::uint64_t freed_bytes = 0;     // of processes that have ended and of caches that were dropped; mapped files are not counted
  std::vector<std::string> left;     // models that had to leave and have
  std::vector<std::string> leaving;  // ... and have not yet
};

class Lending {
 public:
  using Feed = std::function<void(Event)>;

  // All outlive it. `feed` brings an event to the Conductor.
  Lending(common::Clock& clock, const Conductor& conductor, EventLog& events, Feed feed)
      : clock_(clock), conductor_(conductor), events_(events), feed_(std::move(feed)) {}
  Lending(const Lending&) = delete;
  Lending& operator=(const Lending&) = delete;

  // As Residency has them.
  boost::asio::awaitable<common::Result<Lent>> lend(std::uint64_t bytes, milliseconds duration, bool wait);
  std::optional<MemoryLease> take_back(std::uint64_t lease);
  // Ends what has lasted long enough: to be called at leases().next_end().
  void expire();
  const MemoryLeases& leases() const { return leases_; }

  // A worker is told how much it may keep of prompts.
  void note(const ShrinkCaches& told) { cache_limits_[told.model] = told.keep_bytes; }
  // The worker that was told so has gone.
  void note_gone(const ModelId& model) { cache_limits_.erase(model); }

 private:
  void tell();
  void note_lease(const MemoryLease& lease, const char* what);
  std::map<ModelId, std::uint64_t> held_by_models() const;
  std::vector<ModelId> leaving() const;
  bool caches_have_shrunk() const;

  common::Clock& clock_;
  const Conductor& conductor_;
  EventLog& events_;
  Feed feed_;
  MemoryLeases leases_;
  std::map<ModelId, std::optional<std::uint64_t>> cache_limits_;  // as workers that run were told
};

}  // namespace proxy::residency
