// What /proc tells about running processes, and a way to signal one that cannot hit another. Linux; read on the spot, nothing is kept.
//
// A process id may be given away again at any moment. What names one process for good is its id together with its start time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/child_process.hpp"

namespace common {

struct ProcessEntry {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t group = 0;
  char state = '?';              // as ps(1) shows it
  std::uint64_t start_time = 0;  // clock ticks since boot

  // A zombie: it only waits to be reaped.
  bool ended() const { return state == 'Z' || state == 'X'; }
};

// The text of /proc/PID/stat.
std::optional<ProcessEntry> parse_process_stat(std::string_view stat);
// Nothing: there is no such process.
std::optional<ProcessEntry> read_process(pid_t pid);
std::vector<ProcessEntry> all_processes();

// What all threads of a process have for children, from /proc/PID/task/*/children: some files instead of those of every process there is.
// Complete as far as none of them is reaped meanwhile (proc_tid_children(5)), so a process can rely on what it learns of itself. Nothing:
// this kernel has no such files.
std::optional<std::vector<pid_t>> children_of(pid_t pid);

// The environment that a process was started with, as "NAME=value" entries, each ended by a zero byte. Empty if it may not be read.
std::string read_environment(pid_t pid);
std::optional<std::string> find_variable(std::string_view environment, std::string_view name);

// The namespace that our process ids belong to, as a number: elsewhere they mean nothing, or somebody else. 0: it cannot be known.
std::uint64_t own_pid_namespace();
// Whether it belongs to our user and its process ids mean the same as ours (a container has ids of its own).
bool is_ours_to_signal(pid_t pid);

// A pidfd; none when that very process has ended.
Descriptor open_process(const ProcessEntry& process);
void send_signal(const Descriptor& pidfd, int signal);

}  // namespace common
