// What the kernel says about memory: how much there is for a new process, how much a process would give back, and whether somebody was
// ended for want of it. Linux; read on the spot.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace common {

// Where the kernel keeps the figures. Tests have folders of their own.
struct MemoryFiles {
  std::filesystem::path meminfo = "/proc/meminfo";
  std::filesystem::path vmstat = "/proc/vmstat";
  std::filesystem::path zoneinfo = "/proc/zoneinfo";
  std::vector<std::filesystem::path> cgroups;  // the one that this process is in (version 2), then those around it
};
MemoryFiles system_memory_files();

// The value after `name` in lines of "name value" or "name: value kB", as it stands there.
std::optional<std::uint64_t> find_figure(std::string_view text, std::string_view name);

// What new processes can have without others being pushed out: of the machine or, where that leaves less, of the cgroups around us.
// 0 when it cannot be read.
std::uint64_t available_bytes(const MemoryFiles& files);
// What is free and not in that figure: pages that each processor keeps on a list of its own for its next allocation (proc_zoneinfo(5),
// "pagesets"; Linux since 6.7 keeps up to an eighth of the memory so). What a process had may lie there for many seconds after its end.
// 0 when it cannot be read.
std::uint64_t listed_bytes(const MemoryFiles& files);
// Anonymous and shared memory: what comes back when the process ends. Mapped files are not counted. 0 when it cannot be read.
std::uint64_t own_bytes(pid_t pid);
// How many processes were ended for want of memory, since some time in the past: in our cgroup where that is counted, else on the machine.
std::uint64_t oom_kills(const MemoryFiles& files);
std::uint64_t physical_memory_bytes();
// Of the machine or, where that is less, what the cgroups around us may have.
std::uint64_t memory_limit_bytes(const MemoryFiles& files);

}  // namespace common
