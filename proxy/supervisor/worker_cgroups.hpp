// A cgroup for each worker, where the daemon may make some: "<its own>/perch-<pid namespace>-<instance>/worker-<number>".
//
// A worker joins its cgroup before it becomes a program, so everything that it ever starts is in there, whatever it does to its session,
// its parents and its environment. The names say whose it is, as the two variables do (descendants.hpp): what runs in a cgroup of a daemon
// that is gone is left over (leftovers.hpp). Where no cgroup can be made (version 1, mounted read-only, not delegated) this object says so
// once in the log and does nothing, and /proc is all there is. Made by ProcessLauncher; kept by its workers too, which may outlive it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace proxy::supervisor {

class WorkerCgroups {
 public:
  // `parent` is the cgroup of the daemon itself (common::own_cgroup), or why there is none.
  WorkerCgroups(const common::Result<std::filesystem::path>& parent, std::string instance);
  WorkerCgroups(const WorkerCgroups&) = delete;
  ~WorkerCgroups();  // ends whoever is left, and removes it

  // The one around those of all workers, if there is any.
  const std::optional<std::filesystem::path>& folder() const { return folder_; }
  // Makes one, to be joined; nothing where that cannot be done. The others may be called all the same.
  std::optional<std::filesystem::path> make(int worker) const;
  bool populated(int worker) const;
  // Who is in that of a worker, but for those that it has put into others below. Nobody, too, where it has none.
  std::vector<pid_t> processes(int worker) const;
  void kill(int worker) const;
  // Those of workers that nobody asks about any more, as soon as they are empty.
  void remove_empty() const;

 private:
  std::filesystem::path folder_of(int worker) const;

  std::optional<std::filesystem::path> folder_;
};

// What the name of a daemon's cgroup says. A process id means nothing without its namespace: daemons in different containers may share a
// cgroup.
struct CgroupOwner {
  std::uint64_t pid_namespace = 0;
  std::string instance;

  bool operator==(const CgroupOwner&) const = default;
};
CgroupOwner cgroup_owner(std::string instance);  // a daemon here
std::string to_string(const CgroupOwner& owner);
std::optional<CgroupOwner> parse_cgroup_owner(std::string_view name);

// Whose worker a process is that is in the cgroup `path` (common::cgroup_of).
struct CgroupMember {
  CgroupOwner owner;
  int worker = 0;
};
std::optional<CgroupMember> parse_cgroup_path(std::string_view path);

}  // namespace proxy::supervisor
