// What a daemon that crashed left running: found by the name of the daemon in their environment, and ended by the next one that starts.
#pragma once

#include <sys/types.h>

#include <cstdint>
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

// Ends processes of our own user whose daemon is gone, and waits until they are, but not longer than a second. Leaves every other process
// alone: those of living daemons, of other users and of other containers, and ourselves.
void end_leftovers();

}  // namespace proxy::supervisor
