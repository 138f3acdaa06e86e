#include "common/process_table.hpp"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <format>
#include <sstream>

#include "common/proc_file.hpp"
#include "common/whole_number.hpp"

namespace common {

namespace fs = std::filesystem;

namespace {

constexpr int kStartTimeField = 22;  // of /proc/PID/stat, counted from 1 (proc_pid_stat(5))
constexpr int kFieldAfterName = 3;

std::string proc_path(pid_t pid, const char* file) { return std::format("/proc/{}/{}", pid, file); }

std::string pid_namespace(const std::string& process) {
  std::error_code ec;
  return fs::read_symlink("/proc/" + process + "/ns/pid", ec).string();
}

}  // namespace

std::optional<ProcessEntry> parse_process_stat(std::string_view stat) {
  // "PID (name) state parent group ...", and the name may hold anything.
  const auto name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  ProcessEntry entry;
  std::from_chars(stat.data(), stat.data() + stat.size(), entry.pid);
  std::istringstream rest{std::string(stat.substr(name_end + 1))};
  rest >> entry.state >> entry.parent >> entry.group;
  std::string skipped;
  for (int field = kFieldAfterName + 3; field < kStartTimeField; ++field) rest >> skipped;
  rest >> entry.start_time;
  if (!rest || entry.pid <= 0) return std::nullopt;
  return entry;
}

std::optional<ProcessEntry> read_process(pid_t pid) { return parse_process_stat(read_proc_file(proc_path(pid, "stat"))); }

std::vector<ProcessEntry> all_processes() {
  std::vector<ProcessEntry> found;
  std::error_code ec;
  for (fs::directory_iterator it("/proc", ec), end; !ec && it != end; it.increment(ec)) {
    const std::string name = it->path().filename().string();
    const auto pid = whole_number<pid_t>(name);
    if (!pid) continue;
    if (auto entry = read_process(*pid)) found.push_back(*entry);
  }
  return found;
}

std::optional<std::vector<pid_t>> children_of(pid_t pid) {
  static const bool known = ::access("/proc/thread-self/children", R_OK) == 0;
  if (!known) return std::nullopt;
  std::vector<pid_t> children;
  std::error_code ec;
  for (fs::directory_iterator it(proc_path(pid, "task"), ec), end; !ec && it != end; it.increment(ec)) {
    std::istringstream list(read_proc_file((it->path() / "children").string()));
    for (pid_t child; list >> child;) children.push_back(child);
  }
  return children;
}

std::string read_environment(pid_t pid) { return read_proc_file(proc_path(pid, "environ")); }

std::optional<std::string> find_variable(std::string_view environment, std::string_view name) {
  while (!environment.empty()) {
    const std::string_view entry = environment.substr(0, environment.find('\0'));
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=')
      return std::string(entry.substr(name.size() + 1));
    environment.remove_prefix(std::min(environment.size(), entry.size() + 1));
  }
  return std::nullopt;
}

std::uint64_t own_pid_namespace() {
  struct stat ids;
  return ::stat("/proc/self/ns/pid", &ids) == 0 ? ids.st_ino : 0;
}

bool is_ours_to_signal(pid_t pid) {
  struct stat owner;
  if (::stat(std::format("/proc/{}", pid).c_str(), &owner) != 0 || owner.st_uid != ::geteuid()) return false;
  const std::string theirs = pid_namespace(std::to_string(pid));
  return !theirs.empty() && theirs == pid_namespace("self");
}

Descriptor open_process(const ProcessEntry& process) {
  Descriptor pidfd(static_cast<int>(syscall(SYS_pidfd_open, process.pid, 0)));
  if (!pidfd) return pidfd;
  // Only now can the number not change its meaning any more: is it still the one that was read?
  auto now = read_process(process.pid);
  if (!now || now->ended() || now->start_time != process.start_time) return {};
  return pidfd;
}

void send_signal(const Descriptor& pidfd, int signal) { syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0); }

}  // namespace common
