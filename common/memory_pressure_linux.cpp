// Linux: PSI and MemAvailable, or what the cgroups around us leave.
#include <algorithm>
#include <charconv>

#include "common/memory_pressure.hpp"
#include "common/proc_file.hpp"

namespace common {
namespace {

class ProcSource final : public MemoryPressureSource {
 public:
  ProcSource(MemoryFiles memory, std::filesystem::path stalls) : memory_(std::move(memory)), stalls_(std::move(stalls)) {}

  MemoryPressure read() override {
    return {.stalled = read_stall_total(read_proc_file(stalls_)), .available_bytes = available_bytes(memory_)};
  }

 private:
  MemoryFiles memory_;
  std::filesystem::path stalls_;
};

}  // namespace

std::unique_ptr<MemoryPressureSource> make_memory_pressure_source(MemoryFiles memory, std::filesystem::path stalls) {
  return std::make_unique<ProcSource>(std::move(memory), std::move(stalls));
}

std::optional<std::chrono::microseconds> read_stall_total(std::string_view text) {
  constexpr std::string_view kField = "total=";
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto at = line.find(kField);
    if (!line.starts_with("some ") || at == std::string_view::npos) continue;
    std::int64_t total = 0;
    auto [end, ec] = std::from_chars(line.data() + at + kField.size(), line.data() + line.size(), total);
    if (ec == std::errc() && total >= 0) return std::chrono::microseconds(total);
  }
  return std::nullopt;
}

}  // namespace common
