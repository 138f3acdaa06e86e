#include "common/cgroup.hpp"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <format>
#include <sstream>

#include "common/child_process.hpp"
#include "common/memory_status.hpp"
#include "common/proc_file.hpp"

namespace common {

namespace fs = std::filesystem;

namespace {

// Blanks and backslashes stand as octal numbers in mountinfo: "\040".
std::string unescape(std::string_view field) {
  constexpr std::size_t kDigits = 3;
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    const std::string_view digits = field.substr(std::min(i + 1, field.size()), kDigits);
    const bool octal = field[i] == '\\' && digits.size() == kDigits && digits.find_first_not_of("01234567") == std::string_view::npos;
    text += octal ? static_cast<char>(std::stoi(std::string(digits), nullptr, 8)) : field[i];
    if (octal) i += kDigits;
  }
  return text;
}

bool may_make_cgroups_in(const fs::path& cgroup) {
  // Who moves a process must be allowed to write in the cgroup that holds both places.
  return ::access(cgroup.c_str(), W_OK | X_OK) == 0 && ::access((cgroup / "cgroup.procs").c_str(), W_OK) == 0;
}

bool says_populated(std::string_view events) { return find_figure(events, "populated").value_or(0) != 0; }

}  // namespace

std::string_view unified_cgroup(std::string_view membership) {
  while (!membership.empty()) {
    const std::string_view line = membership.substr(0, membership.find('\n'));
    if (line.starts_with("0::/")) return line.substr(3);
    membership.remove_prefix(std::min(membership.size(), line.size() + 1));
  }
  return {};
}

std::string cgroup_of(pid_t pid) { return std::string(unified_cgroup(read_proc_file(std::format("/proc/{}/cgroup", pid)))); }

std::vector<fs::path> cgroup_folders(std::string_view mountinfo, std::string_view cgroup) {
  std::vector<fs::path> found;
  std::istringstream lines{std::string(mountinfo)};
  for (std::string line; !cgroup.empty() && std::getline(lines, line);) {
    // "ID PARENT DEVICE ROOT MOUNT-POINT OPTIONS [TAG...] - TYPE SOURCE OPTIONS"
    if (line.find(" - cgroup2 ") == std::string::npos) continue;
    std::istringstream fields(line);
    std::string id, parent, device, root, mount_point;
    fields >> id >> parent >> device >> root >> mount_point;
    // A mount may show a part of the tree that we are not in; of one made in another cgroup namespace the root begins with "/..".
    const fs::path below = fs::path(cgroup).lexically_relative(unescape(root));
    const auto leads_up = [](const fs::path& path) { return std::ranges::contains(path, fs::path("..")); };
    if (below.empty() || leads_up(below) || leads_up(root)) continue;
    found.insert(found.begin(), below == "." ? fs::path(unescape(mount_point)) : unescape(mount_point) / below);
  }
  return found;
}

Result<fs::path> own_cgroup() {
  const auto folders = cgroup_folders(read_proc_file("/proc/self/mountinfo"), unified_cgroup(read_proc_file("/proc/self/cgroup")));
  if (folders.empty()) return fail(ErrorKind::io, "no mounted cgroup of version 2 is ours");
  int why = 0;
  for (const fs::path& folder : folders) {
    if (may_make_cgroups_in(folder)) return folder;
    why = errno;
  }
  return fail(ErrorKind::io, std::format("{} is not ours to write: {}", folders.back().string(), strerror(why)));
}

bool is_populated(const fs::path& cgroup) { return says_populated(read_proc_file(cgroup / "cgroup.events")); }

bool kill_cgroup(const fs::path& cgroup) {
  const Descriptor file(::open((cgroup / "cgroup.kill").c_str(), O_WRONLY | O_CLOEXEC));
  return file && ::write(file.get(), "1", 1) == 1;
}

bool wait_until_empty(const fs::path& cgroup, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const Descriptor file(::open((cgroup / "cgroup.events").c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return true;
  char events[256];
  while (true) {
    // Reading arms the notice: poll returns at once if anything has changed since.
    const ssize_t n = ::pread(file.get(), events, sizeof(events), 0);
    if (n <= 0 || !says_populated({events, static_cast<std::size_t>(n)})) return true;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd changed{.fd = file.get(), .events = POLLPRI, .revents = 0};
    ::poll(&changed, 1, static_cast<int>(left.count()));
  }
}

bool remove_cgroup(const fs::path& cgroup) {
  if (is_populated(cgroup)) return false;
  std::vector<fs::path> children;
  std::error_code ec, ignored;
  for (fs::directory_iterator it(cgroup, ec), end; !ec && it != end; it.increment(ec)) {
    if (it->is_directory(ignored)) children.push_back(it->path());
  }
  std::ranges::for_each(children, remove_cgroup);
  return ::rmdir(cgroup.c_str()) == 0 || errno == ENOENT;
}

}  // namespace common
