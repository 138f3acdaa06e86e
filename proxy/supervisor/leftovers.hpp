// What a daemon that crashed left running: found by the name of the daemon in the environment or in the name of the cgroup, and ended by
// the next one that starts.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace proxy::supervisor {

// Names a daemon for good: "<pid>-<start time>-<random>". The value of PERCH_INSTANCE.
struct Instance {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  // field 22 of /proc/PID/stat
  std::string random;
};
Instance this_instance();
std::string to_string(const Instance& instance);
std::optional<Instance> parse_instance(std::string_view text);

// Ends processes of our own user whose daemon is gone, and whatever is in the cgroups that such daemons made in `cgroup`, the one that ours
// is in (nothing: it is not ours to write in). Waits until they have ended, but not longer than a second, and removes the cgroups. Leaves
// every other process alone: those of living daemons, of other users and of other containers, and ourselves.
void end_leftovers(const std::optional<std::filesystem::path>& cgroup);

}  // namespace proxy::supervisor
