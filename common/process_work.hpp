// How much a process has done so far, as far as the kernel counts it: what can be known of the progress of a program that says nothing.
// Linux; read on the spot.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string_view>

namespace common {

struct ProcessWork {
  std::chrono::milliseconds computed{0};  // on all processors together, as fine as the kernel's ticks (10 ms)
  std::uint64_t moved_bytes = 0;          // read and written through read(2), write(2) and their kin: files, mostly
  std::uint64_t resident_bytes = 0;       // in memory now, mapped files included

  ProcessWork& operator+=(const ProcessWork& other);
};

// Zeros where there is no such process or it may not be looked at.
ProcessWork work_of(pid_t pid);
// Of the texts of /proc/PID/stat and /proc/PID/io.
ProcessWork parse_work(std::string_view stat, std::string_view io);

}  // namespace common
