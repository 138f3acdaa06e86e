// Control groups, version 2 (cgroups(7)): which one we are in, whether others may be made in it, and what is done with those.
//
// A process cannot leave the cgroup that it was born in without being moved, so a cgroup knows its descendants as no walk through /proc
// does, and ends them at one stroke, also those that are being forked. No controller is enabled: nothing here limits anybody. Linux; read
// on the spot.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace common {

// The path of the version 2 cgroup in the text of /proc/PID/cgroup, as the cgroup namespace shows it. Empty: there is none.
std::string_view unified_cgroup(std::string_view membership);
std::string cgroup_of(pid_t pid);

// Where that cgroup can be seen as a folder, by the text of /proc/self/mountinfo; what was mounted last comes first. Pure.
std::vector<std::filesystem::path> cgroup_folders(std::string_view mountinfo, std::string_view cgroup);
// The folder of our own cgroup, if we may make others in it and move processes there: it was delegated to us, or we are root and it is
// not mounted read-only. Otherwise why not.
Result<std::filesystem::path> own_cgroup();

// Of a cgroup and those below it. One that is gone is empty, and may be killed and removed again.
bool is_populated(const std::filesystem::path& cgroup);
// False: this kernel has no cgroup.kill (before Linux 5.14), or it may not be written.
bool kill_cgroup(const std::filesystem::path& cgroup);
// Blocks until it is empty; false: it was not within `patience`.
bool wait_until_empty(const std::filesystem::path& cgroup, std::chrono::milliseconds patience);
// False: it is not empty.
bool remove_cgroup(const std::filesystem::path& cgroup);

}  // namespace common
