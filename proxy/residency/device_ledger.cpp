#include "proxy/residency/device_ledger.hpp"

#include <algorithm>

namespace proxy::residency {

namespace {

std::uint64_t held_on(const std::string& device, const common::Ready& ready) {
  std::uint64_t bytes = 0;
  for (const common::DeviceMemory& memory : ready.memory) {
    if (memory.device == device) bytes += memory.weights_bytes + memory.kv_bytes + memory.compute_bytes;
  }
  return bytes;
}

}  // namespace

std::vector<common::DeviceFree> DeviceLedger::loads(const ModelId& model) {
  std::vector<common::DeviceFree> wanted;
  if (loading_.empty()) {
    for (const auto& [device, bytes] : free_) wanted.push_back({.device = device, .free_bytes = bytes});
  }
  loading_[model] = ++changes_;
  return wanted;
}

void DeviceLedger::came(const ModelId& model, const common::Ready& ready) {
  const auto began = loading_.find(model);
  const bool alone = began != loading_.end() && began->second == changes_ && loading_.size() == 1;
  left(model);
  for (const common::DeviceFree& device : ready.devices_before) {
    const std::uint64_t held = std::min(held_on(device.device, ready), device.free_bytes);
    held_[model][device.device] = held;
    if (alone) {
      free_[device.device] = device.free_bytes - held;
    } else if (auto known = free_.find(device.device); known != free_.end()) {
      known->second -= std::min(known->second, held);
    }
  }
}

void DeviceLedger::left(const ModelId& model) {
  ++changes_;
  loading_.erase(model);
  const auto holder = held_.find(model);
  if (holder == held_.end()) return;
  for (const auto& [device, bytes] : holder->second) {
    if (auto known = free_.find(device); known != free_.end()) known->second += bytes;
  }
  held_.erase(holder);
}

}  // namespace proxy::residency
