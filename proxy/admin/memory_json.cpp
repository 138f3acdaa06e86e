#include "proxy/admin/memory_json.hpp"

#include <algorithm>
#include <chrono>

namespace proxy::admin {

using common::Json;

namespace {

double seconds(common::Duration d) { return std::chrono::duration<double>(d).count(); }

Json lease_json(const residency::MemoryLease& lease, common::TimePoint now) {
  const auto left = std::max(common::Duration(0), common::Duration(lease.ends - now));
  const auto ends = std::chrono::system_clock::now() + std::chrono::duration_cast<std::chrono::system_clock::duration>(left);
  return {{"id", lease.id},
          {"gib", static_cast<double>(lease.bytes) / (1 << 30)},
          {"bytes", lease.bytes},
          {"seconds_left", seconds(left)},
          {"ends", std::chrono::duration_cast<std::chrono::seconds>(ends.time_since_epoch()).count()}};
}

}  // namespace

Json budget_json(const registry::MemoryBudget& budget) {
  return {{"physical_bytes", budget.physical_bytes},
          {"reserve_bytes", budget.reserve_bytes},
          {"pinned_bytes", budget.pinned_bytes},
          {"lent_bytes", budget.lent_bytes},
          {"left_bytes", budget.left()}};
}

Json pressure_json(const residency::PressureView& pressure) {
  const auto& [rules, rung, on_rung, reading, lent] = pressure;
  return {{"on", rules.on},
          {"rung", static_cast<int>(rung)},
          {"name", residency::to_string(rung)},
          {"seconds", rung == residency::Rung::none ? Json(nullptr) : Json(seconds(on_rung))},
          {"available_bytes", reading.available_bytes == 0 ? Json(nullptr) : Json(reading.available_bytes)},
          {"available_limit_bytes", rules.available_bytes},
          {"stall_percent", reading.stall ? Json(*reading.stall * 100) : Json(nullptr)},
          {"stall_limit_percent", rules.stall * 100}};
}

Json held_json(const residency::View& view, const std::function<std::uint64_t(const std::string&)>& taken_by) {
  Json list = Json::array();
  for (const residency::WorkerView& worker : view.workers) {
    if (worker.pid == 0) continue;
    const bool pinned = std::ranges::contains(view.pinned, worker.model, &residency::PinnedView::model);
    list.push_back({{"model", worker.model},
                    {"state", supervisor::to_string(worker.state)},
                    {"pinned", pinned},
                    {"needed_bytes", taken_by(worker.model)},
                    {"own_bytes", worker.own_bytes},
                    {"prompt_cache_bytes", worker.beat.prompt_cache_bytes}});
  }
  return list;
}

Json memory_leases_json(const std::vector<residency::MemoryLease>& leases, common::TimePoint now) {
  Json list = Json::array();
  for (const residency::MemoryLease& lease : leases) list.push_back(lease_json(lease, now));
  return list;
}

Json lent_json(const residency::Lent& lent, common::TimePoint now) {
  Json json = lease_json(lent.lease, now);
  json["outcome"] = lent.leaving.empty() ? "lent" : "making room";
  json["freed_bytes"] = lent.freed_bytes;
  json["left"] = lent.left;
  json["leaving"] = lent.leaving;
  return json;
}

}  // namespace proxy::admin
