#include "proxy/supervisor/leftovers.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <format>
#include <random>
#include <vector>

#include "common/log.hpp"
#include "common/process_table.hpp"

namespace proxy::supervisor {

using common::Descriptor;
using common::ProcessEntry;

namespace {

constexpr auto kPatience = std::chrono::seconds(1);

bool lives(const Instance& daemon) {
  auto process = common::read_process(daemon.pid);
  return process && !process->ended() && process->start_time == daemon.start_time;
}

// The daemon it belonged to, if that is gone.
std::optional<Instance> dead_daemon_of(pid_t pid) {
  auto name = common::find_variable(common::read_environment(pid), "PERCH_INSTANCE");
  auto daemon = name ? parse_instance(*name) : std::nullopt;
  if (!daemon || lives(*daemon)) return std::nullopt;
  return daemon;
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
int wait_until_gone(const std::vector<Descriptor>& pidfds) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  int left_over = 0;
  for (const Descriptor& pidfd : pidfds) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd wait{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) <= 0) ++left_over;
  }
  return left_over;
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

void end_leftovers() {
  std::vector<Descriptor> ended;
  for (const ProcessEntry& process : common::all_processes()) {
    if (Descriptor pidfd = end_if_left_over(process)) ended.push_back(std::move(pidfd));
  }
  if (const int left = wait_until_gone(ended)) common::log::error("{} processes of a daemon that is gone do not end", left);
}

}  // namespace proxy::supervisor
