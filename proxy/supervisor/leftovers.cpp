#include "proxy/supervisor/leftovers.hpp"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <format>
#include <random>
#include <vector>

#include "common/cgroup.hpp"
#include "common/log.hpp"
#include "common/process_table.hpp"
#include "proxy/supervisor/worker_cgroups.hpp"

namespace proxy::supervisor {

namespace fs = std::filesystem;
using common::Descriptor;
using common::ProcessEntry;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto kPatience = std::chrono::seconds(1);

std::chrono::milliseconds left_until(Clock::time_point deadline) {
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()), std::chrono::milliseconds(0));
}

bool lives(const Instance& daemon) {
  auto process = common::read_process(daemon.pid);
  if (!process) return ::kill(daemon.pid, 0) == 0 || errno != ESRCH;  // it may be hidden from us
  return !process->ended() && process->start_time == daemon.start_time;
}

// The daemon that made a cgroup. Nothing: no daemon did, or one whose process ids mean something else than ours.
std::optional<Instance> daemon_of(const std::optional<CgroupOwner>& owner) {
  return owner && *owner == cgroup_owner(owner->instance) ? parse_instance(owner->instance) : std::nullopt;
}

std::optional<Instance> daemon_of(pid_t pid) {
  if (auto name = common::find_variable(common::read_environment(pid), "PERCH_INSTANCE")) return parse_instance(*name);
  auto member = parse_cgroup_path(common::cgroup_of(pid));
  return member ? daemon_of(std::optional(member->owner)) : std::nullopt;
}

// The daemon it belonged to, if that is gone.
std::optional<Instance> dead_daemon_of(pid_t pid) {
  auto daemon = daemon_of(pid);
  return daemon && !lives(*daemon) ? daemon : std::nullopt;
}

// Its pidfd if it was ended; none if it is to be left alone.
Descriptor end_if_left_over(const ProcessEntry& process) {
  if (process.ended() || process.pid == ::getpid() || !common::is_ours_to_signal(process.pid) || !dead_daemon_of(process.pid)) return {};
  Descriptor pidfd = common::open_process(process);
  // Once more, now that the process cannot be mistaken for another.
  auto daemon = pidfd ? dead_daemon_of(process.pid) : std::nullopt;
  if (!daemon) return {};
  common::log::warn("process {} was left behind by daemon {}, which is gone: ending it", process.pid, daemon->pid);
  common::send_signal(pidfd, SIGKILL);
  return pidfd;
}

// A pidfd becomes readable when its process ends. Returns how many have not.
int wait_until_gone(const std::vector<Descriptor>& pidfds, Clock::time_point deadline) {
  int left_over = 0;
  for (const Descriptor& pidfd : pidfds) {
    pollfd wait{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, static_cast<int>(left_until(deadline).count())) <= 0) ++left_over;
  }
  return left_over;
}

std::vector<fs::path> left_over_cgroups(const fs::path& parent) {
  std::vector<fs::path> found;
  std::error_code ec;
  for (fs::directory_iterator it(parent, ec), end; !ec && it != end; it.increment(ec)) {
    auto daemon = daemon_of(parse_cgroup_owner(it->path().filename().string()));
    if (daemon && !lives(*daemon)) found.push_back(it->path());
  }
  return found;
}

}  // namespace

Instance this_instance() {
  auto self = common::read_process(::getpid());
  std::random_device random;
  return {.pid = ::getpid(), .start_time = self ? self->start_time : 0, .random = std::format("{:08x}{:08x}", random(), random())};
}

std::string to_string(const Instance& instance) { return std::format("{}-{}-{}", instance.pid, instance.start_time, instance.random); }

std::optional<Instance> parse_instance(std::string_view text) {
  Instance instance;
  const char* end = text.data() + text.size();
  auto pid = std::from_chars(text.data(), end, instance.pid);
  if (pid.ec != std::errc() || instance.pid <= 0 || pid.ptr == end || *pid.ptr != '-') return std::nullopt;
  auto start = std::from_chars(pid.ptr + 1, end, instance.start_time);
  if (start.ec != std::errc() || start.ptr == end || *start.ptr != '-') return std::nullopt;
  instance.random.assign(start.ptr + 1, end);
  return instance;
}

void end_leftovers(const std::optional<fs::path>& cgroup) {
  std::vector<Descriptor> ended;
  for (const ProcessEntry& process : common::all_processes()) {
    if (Descriptor pidfd = end_if_left_over(process)) ended.push_back(std::move(pidfd));
  }
  // The processes came first because the log tells of each; a cgroup has the rest, such as those that were being forked meanwhile.
  const auto cgroups = cgroup ? left_over_cgroups(*cgroup) : std::vector<fs::path>();
  for (const fs::path& each : cgroups) common::kill_cgroup(each);
  const auto deadline = Clock::now() + kPatience;
  if (const int left = wait_until_gone(ended, deadline)) common::log::error("{} processes of a daemon that is gone do not end", left);
  for (const fs::path& each : cgroups) {
    common::wait_until_empty(each, left_until(deadline));
    if (!common::remove_cgroup(each)) common::log::error("{}, of a daemon that is gone, does not get empty", each.string());
  }
}

}  // namespace proxy::supervisor
