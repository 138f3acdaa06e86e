#include "proxy/supervisor/descendants.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <format>
#include <map>
#include <ranges>
#include <set>

#include "common/cgroup.hpp"
#include "proxy/supervisor/worker_cgroups.hpp"

namespace proxy::supervisor {

using common::ProcessEntry;

namespace {

constexpr const char* kInstance = "PERCH_INSTANCE";
constexpr const char* kWorker = "PERCH_WORKER";
constexpr pid_t kInit = 1;  // gets everybody's orphans

bool group_is_ours(const std::vector<MarkedProcess>& processes, const WorkerIdentity& worker) {
  if (!worker.leader_reaped) return true;
  // As long as a member is left no process gets the group's number. If there is one with that number, it is another group.
  return std::ranges::none_of(processes, [&](const MarkedProcess& each) { return each.process.pid == worker.leader; });
}

bool is_foreign(const MarkedProcess& each, const WorkerIdentity& worker) {
  return each.process.ended() || each.process.pid == worker.daemon || (each.started_by_daemon && each.process.pid != worker.leader);
}

}  // namespace

std::vector<std::string> environment_of(const WorkerMark& mark) {
  return {std::format("{}={}", kInstance, mark.instance), std::format("{}={}", kWorker, mark.number)};
}

std::optional<WorkerMark> read_mark(std::string_view environment) {
  auto instance = common::find_variable(environment, kInstance);
  auto worker = common::find_variable(environment, kWorker);
  if (!instance || !worker) return std::nullopt;
  WorkerMark mark{.instance = std::move(*instance)};
  auto [end, ec] = std::from_chars(worker->data(), worker->data() + worker->size(), mark.number);
  return ec == std::errc() ? std::optional(std::move(mark)) : std::nullopt;
}

std::optional<WorkerMark> read_cgroup_mark(std::string_view cgroup) {
  auto member = parse_cgroup_path(cgroup);
  return member ? std::optional(WorkerMark{std::move(member->owner.instance), member->worker}) : std::nullopt;
}

std::vector<ProcessEntry> select_descendants(const std::vector<MarkedProcess>& processes, const WorkerIdentity& worker) {
  const bool by_group = group_is_ours(processes, worker);
  std::set<pid_t> found;
  auto belongs = [&](const MarkedProcess& each) {
    if (!worker.leader_reaped && each.process.pid == worker.leader) return true;
    if (each.mark == worker.mark || (by_group && each.process.group == worker.leader) || found.contains(each.process.parent)) return true;
    return worker.only_worker && worker.daemon != kInit && !each.mark && !each.started_by_daemon && each.process.parent == worker.daemon;
  };
  std::vector<ProcessEntry> selected;
  for (bool more = true; std::exchange(more, false);) {  // until no child of a found one is missing
    for (const MarkedProcess& each : processes) {
      if (found.contains(each.process.pid) || is_foreign(each, worker) || !belongs(each)) continue;
      found.insert(each.process.pid);
      selected.push_back(each.process);
      more = true;
    }
  }
  return selected;
}

namespace {

// Adds who is below these and is not known yet; whether there was anybody.
bool add_below(std::vector<pid_t> level, std::map<pid_t, ProcessEntry>& known) {
  bool any = false;
  std::set<pid_t> seen;
  while (!level.empty()) {
    std::vector<pid_t> below;
    for (pid_t pid : level) {
      if (!seen.insert(pid).second) continue;
      if (auto process = common::read_process(pid)) any = known.insert_or_assign(pid, *process).second || any;
      std::ranges::move(common::children_of(pid).value_or(std::vector<pid_t>()), std::back_inserter(below));
    }
    level = std::move(below);
  }
  return any;
}

// Everybody below the daemon, which adopts orphans: whoever descends from a worker is among them. Whose parent ends while this looks
// becomes a child of the daemon behind its back, so it looks until there is nobody new. Nothing: the kernel does not list children.
std::optional<std::vector<ProcessEntry>> everybody_below(pid_t daemon) {
  std::map<pid_t, ProcessEntry> known;
  for (bool more = true; more;) {
    auto children = common::children_of(daemon);
    if (!children) return std::nullopt;
    more = add_below(std::move(*children), known);
  }
  return known | std::views::values | std::ranges::to<std::vector>();
}

}  // namespace

std::vector<ProcessEntry> find_descendants(const WorkerIdentity& worker) {
  std::vector<MarkedProcess> processes;
  auto candidates = everybody_below(worker.daemon);
  for (const ProcessEntry& process : candidates ? *candidates : common::all_processes()) {
    if (process.start_time < worker.started) continue;  // most of them, and to ask for their marks takes three times as long as this
    const bool child = process.parent == ::getpid() && common::ChildProcess::owns(process.pid);
    auto mark = read_mark(common::read_environment(process.pid));
    if (!mark) mark = read_cgroup_mark(common::cgroup_of(process.pid));
    processes.push_back({process, std::move(mark), child});
  }
  return select_descendants(processes, worker);
}

}  // namespace proxy::supervisor
