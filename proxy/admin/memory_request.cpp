#include "proxy/admin/memory_request.hpp"

#include <cmath>
#include <format>

#include "proxy/admin/object_body.hpp"
#include "proxy/admin/refusal.hpp"

namespace proxy::admin {

using common::fail;
using common::Json;
using common::Result;

namespace {

constexpr double kLeast = 0.001;
constexpr const char* kExample = R"(send {"gib": 8, "minutes": 10})";

Result<double> number(const Json& body, const std::string& name, double most, const char* what) {
  const auto at = body.find(name);
  if (at == body.end()) return refuse(name, std::format("{} is missing; {}", what, kExample));
  if (at->is_number()) {
    const double value = at->get<double>();
    if (value >= kLeast && value <= most) return value;
  }
  return refuse(name,
                std::format("{} is expected, a number from {} to {}, not {}", what, kLeast, most, common::dump_json(*at).substr(0, 100)));
}

}  // namespace

Result<LeaseRequest> read_lease_request(std::string_view text) {
  auto body = read_object(text, {"gib", "minutes"}, kExample);
  if (!body) return fail(body.error());
  auto gib = number(*body, "gib", kMostLeaseGib, "how many GiB are to be given up");
  if (!gib) return fail(gib.error());
  auto minutes = number(*body, "minutes", kMostLeaseMinutes, "for how many minutes");
  if (!minutes) return fail(minutes.error());
  return LeaseRequest{.bytes = static_cast<std::uint64_t>(*gib * (1ull << 30)),
                      .duration = std::chrono::milliseconds(std::llround(*minutes * 60'000))};
}

}  // namespace proxy::admin
