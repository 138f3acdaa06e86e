// A driver takes its time to give back what a process had on a device, also when the process has gone: who comes next waits until it is
// there. The daemon sees the host's memory only; what devices have free, ggml says, and only a worker has ggml.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "common/worker_protocol.hpp"

namespace worker::serve {

inline constexpr std::uint64_t kDeviceNoise = 256ull << 20;  // of each device: others draw on it, too

// Of what is wanted, how much is not free on these devices; what is missing within the noise is not.
std::uint64_t missing_on(const std::vector<common::DeviceFree>& devices, const std::vector<common::DeviceFree>& wanted);

struct Released {
  std::vector<common::DeviceFree> devices;  // as they were at the end of the wait
  common::DeviceWait wait;
  bool given_up = false;
};

// What a wait is made of; tests have their own.
struct ReleaseSteps {
  std::function<std::vector<common::DeviceFree>()> look;  // what devices other than the host have free; may take its time
  std::function<bool(std::chrono::milliseconds)> pause;   // for so long; false: the load was given up
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

// Looks until nothing is missing, or the time that `release` allows is over, or the load was given up.
Released await_release(const common::DeviceRelease& release, const ReleaseSteps& steps);

}  // namespace worker::serve
