#include "worker/serve/device_release.hpp"

#include <algorithm>

namespace worker::serve {

namespace {

constexpr auto kFirstLook = std::chrono::milliseconds(2);
constexpr auto kSlowestLook = std::chrono::milliseconds(50);

}  // namespace

std::uint64_t missing_on(const std::vector<common::DeviceFree>& devices, const std::vector<common::DeviceFree>& wanted) {
  std::uint64_t missing = 0;
  for (const common::DeviceFree& want : wanted) {
    const auto device = std::ranges::find(devices, want.device, &common::DeviceFree::device);
    if (device == devices.end() || device->free_bytes + kDeviceNoise >= want.free_bytes) continue;  // one that is gone gives nothing back
    missing += want.free_bytes - device->free_bytes;
  }
  return missing;
}

Released await_release(const common::DeviceRelease& release, const std::function<std::vector<common::DeviceFree>()>& free_now,
                       const std::function<bool(std::chrono::milliseconds)>& pause) {
  Released released{.devices = free_now(), .wait = {}};
  std::chrono::milliseconds waited{0}, next = kFirstLook;
  const std::chrono::milliseconds patience(release.milliseconds);
  while ((released.wait.missing_bytes = missing_on(released.devices, release.wanted)) > 0 && waited < patience) {
    const auto now = std::min(next, patience - waited);
    released.given_up = !pause(now);
    if (released.given_up) break;
    waited += now;
    next = std::min(2 * next, kSlowestLook);
    released.devices = free_now();
  }
  released.wait.seconds = std::chrono::duration<double>(waited).count();
  return released;
}

}  // namespace worker::serve
