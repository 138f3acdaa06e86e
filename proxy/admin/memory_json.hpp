// Memory as JSON: the budget with its terms, who holds what, how short it is, what is lent. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/json.hpp"
#include "proxy/residency/lending.hpp"
#include "proxy/residency/memory_leases.hpp"
#include "proxy/residency/view.hpp"
#include "registry/memory_prediction.hpp"

namespace proxy::admin {

common::Json budget_json(const registry::MemoryBudget& budget);
common::Json pressure_json(const residency::PressureView& pressure);
// Of each model that has a process. `taken_by`: what it counts for in the budget.
common::Json held_json(const residency::View& view, const std::function<std::uint64_t(const std::string&)>& taken_by);
common::Json memory_leases_json(const std::vector<residency::MemoryLease>& leases, common::TimePoint now);
common::Json lent_json(const residency::Lent& lent, common::TimePoint now);

}  // namespace proxy::admin
