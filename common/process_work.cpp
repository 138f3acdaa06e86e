#include "common/process_work.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <format>
#include <sstream>
#include <string>

#include "common/memory_status.hpp"
#include "common/proc_file.hpp"

namespace common {
namespace {

// Of /proc/PID/stat, counted from 1 (proc_pid_stat(5)).
constexpr int kFieldAfterName = 3, kUserTime = 14, kSystemTime = 15, kResidentPages = 24;

}  // namespace

ProcessWork& ProcessWork::operator+=(const ProcessWork& other) {
  computed += other.computed;
  moved_bytes += other.moved_bytes;
  resident_bytes += other.resident_bytes;
  return *this;
}

ProcessWork parse_work(std::string_view stat, std::string_view io) {
  ProcessWork work;
  const auto name_end = stat.rfind(')');  // the name may hold anything
  if (name_end == std::string_view::npos) return work;
  std::istringstream fields{std::string(stat.substr(name_end + 1))};
  std::string field;
  long ticks = 0;
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  for (int number = kFieldAfterName; number <= kResidentPages && fields >> field; ++number) {
    if (number == kUserTime || number == kSystemTime) ticks += std::strtol(field.c_str(), nullptr, 10);
    if (number == kResidentPages) work.resident_bytes = std::strtoull(field.c_str(), nullptr, 10) * page;
  }
  work.computed = std::chrono::milliseconds(ticks * 1000 / std::max(1L, ::sysconf(_SC_CLK_TCK)));
  work.moved_bytes = find_figure(io, "rchar").value_or(0) + find_figure(io, "wchar").value_or(0);
  return work;
}

ProcessWork work_of(pid_t pid) {
  return parse_work(read_proc_file(std::format("/proc/{}/stat", pid)), read_proc_file(std::format("/proc/{}/io", pid)));
}

}  // namespace common
