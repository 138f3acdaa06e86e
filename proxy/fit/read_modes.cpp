#include "proxy/fit/read_modes.hpp"

#include <algorithm>
#include <cmath>

namespace proxy::fit {

using common::Json;
using common::ReadRates;

namespace {

constexpr int kVersion = 1;
constexpr double kWorthIt = 1.25;  // times as fast, before what the page cache would keep is given up

struct Way {
  const char* key;
  std::optional<double> ReadRates::* rate;
};
constexpr Way kWays[] = {{"mapped_bytes_per_second", &ReadRates::mapped},
                         {"buffered_bytes_per_second", &ReadRates::buffered},
                         {"direct_bytes_per_second", &ReadRates::direct}};

}  // namespace

std::string_view to_string(ReadMode mode) {
  switch (mode) {
    case ReadMode::mapped: return "mapped";
    case ReadMode::buffered: return "buffered";
    case ReadMode::direct: return "direct";
  }
  return "unknown";
}

ReadMode choose_read_mode(const std::optional<ReadRates>& rates, std::uint64_t file_bytes, std::uint64_t cache_bytes) {
  if (!rates) return ReadMode::mapped;
  if (!rates->mapped && rates->buffered) return ReadMode::buffered;
  // A worker reads a file into the page cache before it maps it, so that is as fast as buffered reading is.
  const double cached = std::max(rates->mapped.value_or(0), rates->buffered.value_or(0));
  const bool stays_cached = file_bytes <= cache_bytes / 2;  // and another one as large beside it
  if (!stays_cached && rates->direct && *rates->direct > kWorthIt * cached) return ReadMode::direct;
  return ReadMode::mapped;
}

void ReadTrials::note(const std::string& device, const ReadRates& rates) {
  if (!device.empty() && (devices_.contains(device) || devices_.size() < kMost)) devices_[device] = rates;
}

std::optional<ReadRates> ReadTrials::find(const std::string& device) const {
  auto at = devices_.find(device);
  return at == devices_.end() ? std::nullopt : std::optional(at->second);
}

Json ReadTrials::to_json() const {
  Json devices = Json::object();
  for (const auto& [name, rates] : devices_) {
    Json& device = devices[name];
    for (const Way& way : kWays) device[way.key] = rates.*way.rate ? Json(*(rates.*way.rate)) : Json(nullptr);
  }
  return devices;
}

std::string ReadTrials::to_text() const { return Json{{"version", kVersion}, {"devices", to_json()}}.dump(1) + "\n"; }

ReadTrials ReadTrials::from_text(std::string_view text) {
  ReadTrials trials;
  auto json = common::parse_json(text);
  if (!json || !json->is_object() || json->value("version", Json(0)) != kVersion || !json->contains("devices")) return trials;
  const Json& devices = (*json)["devices"];
  if (!devices.is_object()) return trials;
  for (const auto& [name, device] : devices.items()) {
    if (!device.is_object()) continue;
    ReadRates rates;
    for (const Way& way : kWays) {
      auto rate = device.find(way.key);
      if (rate != device.end() && rate->is_number() && rate->get<double>() > 0) rates.*way.rate = rate->get<double>();
    }
    if (rates.buffered) trials.note(name, rates);
  }
  return trials;
}

}  // namespace proxy::fit
