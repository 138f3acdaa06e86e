#include "proxy/cli/tier_lines.hpp"

#include <cstdint>
#include <format>

#include "proxy/cli/units.hpp"

namespace proxy::cli {

using common::Json;

namespace {

constexpr double kAllOfIt = 100;  // percent

std::string in_words(std::int64_t seconds) {
  if (seconds < 60) return std::format("{} s", seconds);
  if (seconds < 3600) return std::format("{} min", (seconds + 59) / 60);
  return std::format("{} h {} min", seconds / 3600, seconds % 3600 / 60);
}

std::string share_of(const Json& tier) {
  const double percent = tier.value("memory_percent", double{kAllOfIt});
  if (percent >= kAllOfIt) return "as much as models may take";
  return std::format("{} % of what models may take, {}", percent, mib(tier.value("most_bytes", Json(nullptr))));
}

std::string when(const Json& tier) {
  const Json open = tier.value("open_now", Json(nullptr)), opens_in = tier.value("opens_in_seconds", Json(nullptr));
  const Json why_not = tier.value("why_not", Json(nullptr)), hours = tier.value("hours", Json(nullptr));
  const std::string at = hours.is_string() ? "it is loaded at " + hours.get<std::string>() : "";
  if (!open.is_boolean()) return at;
  if (open.get<bool>()) return at.empty() ? "" : at + ", and may be now";
  if (!why_not.is_string()) return at;
  const std::string from = opens_in.is_number() ? std::format("; in {} it may be", in_words(opens_in.get<std::int64_t>())) : "";
  return "not now: " + why_not.get<std::string>() + from;
}

}  // namespace

std::vector<std::string> tier_lines(const Json& tier) {
  if (!tier.is_object() || !tier.contains("name")) return {};
  const bool is_named = tier.value("from", "need") == "registry";
  std::string first = std::format("of the tier {} ({}), whose models may need {}", tier.value("name", ""),
                                  is_named ? "as the registry says" : "by what it needs", share_of(tier));
  // What no tier has room for belongs to the last one, whose share is beside the point.
  if (!tier.value("fits", true)) return {is_named ? first + ": it needs more" : "it needs more than models of any tier may"};
  const std::string second = when(tier);
  if (second.empty()) return {first};
  return {first, second};
}

}  // namespace proxy::cli
