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

Released await_release(const common::DeviceRelease& release, const ReleaseSteps& steps) {
  const auto began = steps.now();
  const auto waited = [&] { return std::chrono::duration_cast<std::chrono::milliseconds>(steps.now() - began); };
  const std::chrono::milliseconds patience(release.milliseconds);
  Released released{.devices = steps.look(), .wait = {}};
  for (auto next = kFirstLook;; next = std::min(2 * next, kSlowestLook)) {
    released.wait.missing_bytes = missing_on(released.devices, release.wanted);
    const auto left = patience - waited();
    if (released.wait.missing_bytes == 0 || left <= std::chrono::milliseconds(0)) break;
    released.given_up = !steps.pause(std::min(next, left));
    if (released.given_up) break;
    released.devices = steps.look();
  }
  if (!release.wanted.empty()) released.wait.seconds = std::chrono::duration<double>(steps.now() - began).count();
  return released;
}

}  // namespace worker::serve
