// Which processes belong to a worker: itself, its process group, and whatever it started that left the group (setsid, double fork).
//
// What a worker starts is in the worker's cgroup, if there is one (worker_cgroups.hpp), and inherits two variables of its environment that
// name it. Without a cgroup a process that cleared them is still found as the child of one that is known or, when its parent is gone, as a
// child of the daemon (which adopts orphans) that the daemon did not start, unless the daemon is process 1, which gets anybody's orphans.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/process_table.hpp"

namespace proxy::supervisor {

// The two variables: which daemon, and which of its workers.
struct WorkerMark {
  std::string instance;
  int number = 0;

  bool operator==(const WorkerMark&) const = default;
};
std::vector<std::string> environment_of(const WorkerMark& mark);
std::optional<WorkerMark> read_mark(std::string_view environment);
// As the name of its cgroup says it; nothing where workers have none.
std::optional<WorkerMark> read_cgroup_mark(std::string_view cgroup);

struct MarkedProcess {
  common::ProcessEntry process;
  std::optional<WorkerMark> mark;
  bool started_by_daemon = false;  // the leader of a worker, this one or another
};

struct WorkerIdentity {
  WorkerMark mark;
  pid_t leader = 0;
  bool leader_reaped = false;
  pid_t daemon = 0;
  std::uint64_t started = 0;  // as ProcessEntry::start_time: what is older is no descendant
  bool only_worker = true;    // no other runs, and none has a cgroup: an adopted process without a mark can be nobody else's
};

// Those of `processes` that belong to the worker and have not ended. Pure.
std::vector<common::ProcessEntry> select_descendants(const std::vector<MarkedProcess>& processes, const WorkerIdentity& worker);
// The same, of the processes there are now: of those below the daemon, or, where the kernel lists no children, of all. To go through all
// takes a millisecond for every hundred.
std::vector<common::ProcessEntry> find_descendants(const WorkerIdentity& worker);

}  // namespace proxy::supervisor
