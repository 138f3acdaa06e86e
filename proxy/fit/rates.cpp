#include "proxy/fit/rates.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/json.hpp"

namespace proxy::fit {

using common::Json;
using std::chrono::milliseconds;

namespace {

constexpr int kVersion = 1;
constexpr double kWeightOfNews = 0.3;    // a disk is now busy, now idle; a page cache now warm, now cold
constexpr double kLeastSeconds = 0.001;  // less is not believed of anything
constexpr double kMostSeconds = 86'400;  // a file that says more is not believed
constexpr double kLeastRate = 1024;      // bytes a second; nor is one that says less

void mix(double& known, double news) { known = known == 0 ? news : known + kWeightOfNews * (news - known); }

milliseconds in_ms(double seconds) { return milliseconds(std::llround(seconds * 1000)); }

// 0: it is not there, or not to be believed.
double number(const Json& object, const char* key, double least, double most) {
  auto at = object.find(key);
  if (at == object.end() || !at->is_number()) return 0;
  const double value = at->get<double>();
  return value >= least && value <= most ? value : 0;
}
double seconds(const Json& object, const char* key) { return number(object, key, kLeastSeconds, kMostSeconds); }

}  // namespace

std::string device_of(const std::string& identity) { return identity.substr(0, identity.find(':')); }

void Rates::learn(const std::string& identity, std::uint64_t bytes, std::chrono::duration<double> took) {
  const std::string name = device_of(identity);
  if (name.empty() || bytes == 0 || took.count() < kLeastSeconds) return;
  if (!devices_.contains(name) && devices_.size() >= kMost) return;
  Device& device = devices_[name];
  if (bytes < kLarge) return mix(device.fixed_seconds, took.count());
  mix(device.bytes_per_second, static_cast<double>(bytes) / std::max(took.count() - device.fixed_seconds, kLeastSeconds));
}

void Rates::learn_leave(std::chrono::duration<double> took) {
  if (took.count() >= kLeastSeconds) mix(leave_seconds_, took.count());
}

std::optional<milliseconds> Rates::expected_load(const std::string& identity, std::uint64_t bytes) const {
  auto at = devices_.find(device_of(identity));
  if (at == devices_.end() || bytes == 0) return std::nullopt;
  const Device& device = at->second;
  if (device.bytes_per_second > 0) return in_ms(device.fixed_seconds + static_cast<double>(bytes) / device.bytes_per_second);
  // Small ones alone say nothing about large ones.
  return bytes < kLarge ? std::optional(in_ms(device.fixed_seconds)) : std::nullopt;
}

std::optional<milliseconds> Rates::expected_leave() const {
  return leave_seconds_ > 0 ? std::optional(in_ms(leave_seconds_)) : std::nullopt;
}

std::string Rates::to_text() const {
  Json devices = Json::object();
  for (const auto& [name, device] : devices_)
    devices[name] = {{"bytes_per_second", device.bytes_per_second}, {"fixed_seconds", device.fixed_seconds}};
  return Json{{"version", kVersion}, {"leave_seconds", leave_seconds_}, {"devices", std::move(devices)}}.dump(1) + "\n";
}

Rates Rates::from_text(std::string_view text) {
  Rates rates;
  auto json = common::parse_json(text);
  if (!json || !json->is_object() || json->value("version", Json(0)) != kVersion) return rates;
  rates.leave_seconds_ = seconds(*json, "leave_seconds");
  auto devices = json->find("devices");
  if (devices == json->end() || !devices->is_object()) return rates;
  for (const auto& [name, device] : devices->items()) {
    if (!device.is_object() || rates.devices_.size() >= kMost) continue;
    rates.devices_[name] = {.bytes_per_second = number(device, "bytes_per_second", kLeastRate, std::numeric_limits<double>::max()),
                            .fixed_seconds = seconds(device, "fixed_seconds")};
  }
  return rates;
}

}  // namespace proxy::fit
