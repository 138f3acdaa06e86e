// What POST /admin/v1/memory/lease asks: how much memory, and for how long. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "common/result.hpp"

namespace proxy::admin {

struct LeaseRequest {
  std::uint64_t bytes = 0;
  std::chrono::milliseconds duration{0};
};

inline constexpr double kMostLeaseGib = 1'048'576;
inline constexpr double kMostLeaseMinutes = 1'440;

// The body of a request, {"gib": 8, "minutes": 10}. ErrorKind::bad_request with the field that is wrong, its limits and what to do.
common::Result<LeaseRequest> read_lease_request(std::string_view body);

}  // namespace proxy::admin
