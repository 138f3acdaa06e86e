#include "proxy/residency/memory_leases.hpp"

#include <algorithm>
#include <format>

namespace proxy::residency {

using common::Error;
using common::ErrorKind;
using common::fail;
using common::TimePoint;

namespace {

double gib(std::uint64_t bytes) { return static_cast<double>(bytes) / (1 << 30); }

}  // namespace

common::Result<MemoryLease> MemoryLeases::add(std::uint64_t bytes, std::chrono::milliseconds duration, std::uint64_t budget,
                                              TimePoint now) {
  if (budget == 0)
    return fail(ErrorKind::insufficient_memory, "nothing can be lent: models may take no memory here, or it is not known how much");
  if (leases_.size() >= kMost) {
    return fail(Error(ErrorKind::too_many_requests,
                      std::format("{} leases run already, and there may be {}; wait for one to end, or end one with DELETE "
                                  "/admin/v1/memory/lease/ID",
                                  leases_.size(), kMost))
                    .retry_after(std::chrono::ceil<std::chrono::milliseconds>(*next_end() - now)));
  }
  const std::uint64_t lent = this->bytes(), left = budget - std::min(budget, lent);
  if (bytes > left) {
    return fail(Error(ErrorKind::bad_request,
                      std::format("gib: at most {:.2f} can be lent now, not {:.2f}: models may take {:.2f} GiB, of which {:.2f} are lent "
                                  "already; ask for less, or end a lease with DELETE /admin/v1/memory/lease/ID",
                                  gib(left), gib(bytes), gib(budget), gib(lent)))
                    .in("gib"));
  }
  leases_.push_back({.id = ++last_id_, .bytes = bytes, .began = now, .ends = now + duration});
  return leases_.back();
}

std::optional<MemoryLease> MemoryLeases::end(std::uint64_t id) {
  auto at = std::ranges::find(leases_, id, &MemoryLease::id);
  if (at == leases_.end()) return std::nullopt;
  const MemoryLease ended = *at;
  leases_.erase(at);
  return ended;
}

std::vector<MemoryLease> MemoryLeases::expire(TimePoint now) {
  std::vector<MemoryLease> ended;
  std::ranges::copy_if(leases_, std::back_inserter(ended), [&](const MemoryLease& lease) { return lease.ends <= now; });
  std::erase_if(leases_, [&](const MemoryLease& lease) { return lease.ends <= now; });
  return ended;
}

std::uint64_t MemoryLeases::bytes() const {
  std::uint64_t sum = 0;
  for (const MemoryLease& lease : leases_) sum += lease.bytes;
  return sum;
}

std::optional<TimePoint> MemoryLeases::next_end() const {
  if (leases_.empty()) return std::nullopt;
  return std::ranges::min_element(leases_, {}, &MemoryLease::ends)->ends;
}

}  // namespace proxy::residency
