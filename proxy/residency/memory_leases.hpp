// Memory that Perch has given up for a while: who asked for how much, and until when. Pure.
//
// What is lent is missing from the budget of models (Settings::memory_bytes); the Conductor sees to it that they keep to the rest. Several
// leases add up. Owned by Residency. Not to be mistaken for Lease, a request's right to a worker.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/clock.hpp"
#include "common/result.hpp"

namespace proxy::residency {

struct MemoryLease {
  std::uint64_t id = 0;
  std::uint64_t bytes = 0;
  common::TimePoint began;
  common::TimePoint ends;
};

class MemoryLeases {
 public:
  static constexpr std::size_t kMost = 16;

  // `budget`: what models may take when nothing is lent. ErrorKind::bad_request when there is not so much to lend, too_many_requests when
  // there are kMost leases, insufficient_memory when it is not known what there is.
  common::Result<MemoryLease> add(std::uint64_t bytes, std::chrono::milliseconds duration, std::uint64_t budget, common::TimePoint now);
  // Nothing: there is no such lease.
  std::optional<MemoryLease> end(std::uint64_t id);
  // Ends those whose time has come.
  std::vector<MemoryLease> expire(common::TimePoint now);

  std::uint64_t bytes() const;
  std::optional<common::TimePoint> next_end() const;
  const std::vector<MemoryLease>& all() const { return leases_; }  // oldest first

 private:
  std::uint64_t last_id_ = 0;
  std::vector<MemoryLease> leases_;
};

}  // namespace proxy::residency
