#include "proxy/residency/device_ledger.hpp"

#include <algorithm>

namespace proxy::residency {

void DeviceLedger::came(const ModelId& model, const common::Ready& ready) {
  left(model);
  for (const common::DeviceFree& device : ready.devices_before) {
    std::uint64_t held = 0;
    for (const common::DeviceMemory& memory : ready.memory) {
      if (memory.device == device.device) held += memory.weights_bytes + memory.kv_bytes + memory.compute_bytes;
    }
    held = std::min(held, device.free_bytes);
    held_[model][device.device] = held;
    free_[device.device] = device.free_bytes - held;
  }
}

void DeviceLedger::left(const ModelId& model) {
  const auto holder = held_.find(model);
  if (holder == held_.end()) return;
  for (const auto& [device, bytes] : holder->second) free_[device] += bytes;
  held_.erase(holder);
}

std::vector<common::DeviceFree> DeviceLedger::expected_free() const {
  std::vector<common::DeviceFree> devices;
  for (const auto& [device, bytes] : free_) devices.push_back({.device = device, .free_bytes = bytes});
  return devices;
}

}  // namespace proxy::residency
