// How short memory is, as the system says it: the seam between the daemon and the platform.
//
// A source is asked again and again and answers on the spot. What the figures mean is decided elsewhere (proxy/residency/pressure.hpp).
// One file for each platform: memory_pressure_linux.cpp reads /proc. macOS, whose kernel sends levels (a dispatch source of the type
// MEMORYPRESSURE) instead of figures, would be another file that keeps the latest level and reports it as `stalled`.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "common/memory_status.hpp"

namespace common {

struct MemoryPressure {
  // How long in all somebody had to wait for memory, since some time in the past; nothing: the system does not say.
  std::optional<std::chrono::microseconds> stalled;
  std::uint64_t available_bytes = 0;  // for new processes; 0: not known
};

class MemoryPressureSource {
 public:
  virtual ~MemoryPressureSource() = default;
  virtual MemoryPressure read() = 0;
};

// `stalls`: pressure stall information (PSI) of the kernel, which containers and kernels without it do not have.
std::unique_ptr<MemoryPressureSource> make_memory_pressure_source(MemoryFiles memory,
                                                                  std::filesystem::path stalls = "/proc/pressure/memory");

// The total of the line "some avg10=0.00 avg60=0.00 avg300=0.00 total=12345": the time in which at least one task had to wait.
std::optional<std::chrono::microseconds> read_stall_total(std::string_view text);

}  // namespace common
