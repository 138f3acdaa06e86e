#include "proxy/fit/peaks.hpp"

#include <algorithm>
#include <cmath>
#include <format>

namespace proxy::fit {

using common::Json;

namespace {

constexpr int kVersion = 1;
constexpr std::uint64_t kNoise = 1 << 20;  // of memory
constexpr double kNoticeable = 0.2;        // of a load time, relative
constexpr double kMostLoadSeconds = 86'400;  // a file that says more is not believed

}  // namespace

std::string RunKey::text() const {
  return std::format("{} | {} x {}{} {} {}", identity, shape.context_tokens, shape.parallel, shape.kv_unified ? " shared" : "",
                     shape.cache_type_k, shape.cache_type_v);
}

bool Peaks::note(const RunKey& key, const Measured& measured) {
  if (key.identity.empty() || measured.peak_bytes == 0) return false;
  auto [at, added] = known_.try_emplace(key.text(), measured);
  if (added) {
    if (known_.size() > kMost) known_.erase(std::ranges::min_element(known_, {}, [](const auto& entry) { return entry.second.when; }));
    return true;
  }
  Measured& known = at->second;
  const bool more = measured.peak_bytes > known.peak_bytes + kNoise;
  const bool other_time =
      measured.load_seconds > 0 && std::abs(measured.load_seconds - known.load_seconds) > kNoticeable * known.load_seconds;
  if (!more && !other_time) return false;
  known.peak_bytes = std::max(known.peak_bytes, measured.peak_bytes);
  if (measured.load_seconds > 0) known.load_seconds = measured.load_seconds;
  known.when = measured.when;
  return true;
}

const Measured* Peaks::find(const RunKey& key) const {
  auto at = known_.find(key.text());
  return at == known_.end() ? nullptr : &at->second;
}

std::string Peaks::to_text() const {
  Json runs = Json::object();
  for (const auto& [key, measured] : known_)
    runs[key] = {{"peak_bytes", measured.peak_bytes}, {"load_seconds", measured.load_seconds}, {"when", measured.when}};
  return Json{{"version", kVersion}, {"runs", std::move(runs)}}.dump(1) + "\n";
}

Peaks Peaks::from_text(std::string_view text) {
  Peaks peaks;
  auto json = common::parse_json(text);
  if (!json || !json->is_object() || json->value("version", Json(0)) != kVersion || !json->contains("runs")) return peaks;
  for (const auto& [key, run] : (*json)["runs"].items()) {
    const bool whole = run.is_object() && run.contains("peak_bytes") && run["peak_bytes"].is_number_unsigned() &&
                       run.contains("load_seconds") && run["load_seconds"].is_number() && run.contains("when") &&
                       run["when"].is_number_integer();
    if (!whole || peaks.known_.size() >= kMost) continue;
    const double load_seconds = run["load_seconds"];
    if (load_seconds >= 0 && load_seconds <= kMostLoadSeconds)
      peaks.known_[key] = {.peak_bytes = run["peak_bytes"], .load_seconds = load_seconds, .when = run["when"]};
  }
  return peaks;
}

}  // namespace proxy::fit
