#include "common/memory_status.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <format>
#include <fstream>
#include <string>

#include "common/proc_file.hpp"

namespace common {

namespace fs = std::filesystem;

namespace {

constexpr const char* kCgroupRoot = "/sys/fs/cgroup";

std::optional<std::uint64_t> read_number(const fs::path& path) {
  const std::string text = read_proc_file(path);
  std::uint64_t value = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  return ec == std::errc() ? std::optional(value) : std::nullopt;  // no such file, or "max"
}

std::uint64_t kibibytes(std::string_view text, std::string_view name) { return find_figure(text, name).value_or(0) * 1024; }

// Nothing: this one has no limit.
std::optional<std::uint64_t> left_in(const fs::path& cgroup) {
  auto limit = read_number(cgroup / "memory.max");
  auto used = read_number(cgroup / "memory.current");
  if (!limit || !used) return std::nullopt;
  // Files that were read count as used but are given up when somebody needs the room, as in MemAvailable.
  const std::string details = read_proc_file(cgroup / "memory.stat");
  const std::uint64_t files = find_figure(details, "active_file").value_or(0) + find_figure(details, "inactive_file").value_or(0);
  const std::uint64_t held = *used - std::min(*used, files);
  return *limit - std::min(*limit, held);
}

}  // namespace

MemoryFiles system_memory_files() {
  MemoryFiles files;
  // "0::/user.slice/perch.service". In a container it may name a folder that only its host has: then those above it count.
  std::ifstream memberships("/proc/self/cgroup");
  for (std::string line; std::getline(memberships, line);) {
    if (!line.starts_with("0::/")) continue;
    const fs::path root = kCgroupRoot;
    for (fs::path at = (root / line.substr(4)).lexically_normal(); at != root && at.has_relative_path(); at = at.parent_path())
      if (at.has_filename()) files.cgroups.push_back(at);
    files.cgroups.push_back(root);
  }
  return files;
}

std::optional<std::uint64_t> find_figure(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!line.starts_with(name)) continue;
    line.remove_prefix(name.size());
    const auto digits = line.find_first_not_of(": \t");
    if (digits == 0 || digits == std::string_view::npos) continue;  // a longer name, or nothing after it
    std::uint64_t value = 0;
    auto [end, ec] = std::from_chars(line.data() + digits, line.data() + line.size(), value);
    if (ec == std::errc()) return value;
  }
  return std::nullopt;
}

std::uint64_t available_bytes(const MemoryFiles& files) {
  const auto known = find_figure(read_proc_file(files.meminfo), "MemAvailable");
  if (!known) return 0;
  std::uint64_t available = *known * 1024;
  for (const fs::path& cgroup : files.cgroups) available = std::min(available, left_in(cgroup).value_or(available));
  return std::max<std::uint64_t>(available, 1);  // none at all is not the same as not known
}

std::uint64_t listed_bytes(const MemoryFiles& files) {
  const std::string zones = read_proc_file(files.zoneinfo);
  std::uint64_t pages = 0;
  std::string_view rest = zones;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(' ')));
    if (line.starts_with("count:")) pages += find_figure(line, "count").value_or(0);
  }
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGE_SIZE));
}

std::uint64_t own_bytes(pid_t pid) {
  const std::string status = read_proc_file(std::format("/proc/{}/status", pid));
  return kibibytes(status, "RssAnon") + kibibytes(status, "RssShmem");
}

std::uint64_t oom_kills(const MemoryFiles& files) {
  for (const fs::path& cgroup : files.cgroups) {
    if (auto count = find_figure(read_proc_file(cgroup / "memory.events"), "oom_kill")) return *count;
  }
  return find_figure(read_proc_file(files.vmstat), "oom_kill").value_or(0);
}

std::uint64_t physical_memory_bytes() {
  return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGE_SIZE));
}

std::uint64_t memory_limit_bytes(const MemoryFiles& files) {
  std::uint64_t limit = physical_memory_bytes();
  for (const fs::path& cgroup : files.cgroups) limit = std::min(limit, read_number(cgroup / "memory.max").value_or(limit));
  return limit;
}

}  // namespace common
