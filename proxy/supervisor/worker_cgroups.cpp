#include "proxy/supervisor/worker_cgroups.hpp"

#include <string.h>
#include <sys/stat.h>

#include <charconv>
#include <format>
#include <sstream>

#include "common/cgroup.hpp"
#include "common/log.hpp"
#include "common/proc_file.hpp"
#include "common/process_table.hpp"
#include "common/whole_number.hpp"

namespace proxy::supervisor {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kDaemonPrefix = "perch-";
constexpr std::string_view kWorkerPrefix = "worker-";
constexpr auto kPatience = std::chrono::seconds(1);

std::optional<int> parse_worker(std::string_view name) {
  if (!name.starts_with(kWorkerPrefix)) return std::nullopt;
  return common::whole_number<int>(name.substr(kWorkerPrefix.size()));
}

}  // namespace

WorkerCgroups::WorkerCgroups(const common::Result<fs::path>& parent, std::string instance) {
  std::string why_not = parent ? std::string() : parent.error().message();
  if (parent) {
    folder_ = *parent / to_string(cgroup_owner(std::move(instance)));
    if (::mkdir(folder_->c_str(), 0755) != 0) {
      why_not = std::format("making {}: {}", folder_->string(), strerror(errno));
      folder_.reset();
    }
  }
  if (folder_) common::log::info("each worker runs in a cgroup of its own in {}", folder_->string());
  else common::log::info("workers have no cgroups of their own ({}): what they leave behind is found in /proc", why_not);
}

WorkerCgroups::~WorkerCgroups() {
  if (!folder_) return;
  common::kill_cgroup(*folder_);
  common::wait_until_empty(*folder_, kPatience);
  common::remove_cgroup(*folder_);  // if it cannot be, the next daemon tries again
}

fs::path WorkerCgroups::folder_of(int worker) const { return *folder_ / std::format("{}{}", kWorkerPrefix, worker); }

std::optional<fs::path> WorkerCgroups::make(int worker) const {
  if (!folder_) return std::nullopt;
  const fs::path folder = folder_of(worker);
  if (::mkdir(folder.c_str(), 0755) == 0) return folder;
  common::log::warn("worker {} has no cgroup of its own: making {}: {}", worker, folder.string(), strerror(errno));
  return std::nullopt;
}

bool WorkerCgroups::populated(int worker) const { return folder_ && common::is_populated(folder_of(worker)); }

std::vector<pid_t> WorkerCgroups::processes(int worker) const {
  if (!folder_) return {};
  std::istringstream lines(common::read_proc_file(folder_of(worker) / "cgroup.procs"));
  std::vector<pid_t> found;
  for (pid_t process = 0; lines >> process;) found.push_back(process);
  return found;
}

void WorkerCgroups::kill(int worker) const {
  if (folder_) common::kill_cgroup(folder_of(worker));
}

void WorkerCgroups::remove_empty() const {
  if (!folder_) return;
  std::error_code ec;
  for (fs::directory_iterator it(*folder_, ec), end; !ec && it != end; it.increment(ec)) {
    if (parse_worker(it->path().filename().string())) common::remove_cgroup(it->path());
  }
}

CgroupOwner cgroup_owner(std::string instance) { return {.pid_namespace = common::own_pid_namespace(), .instance = std::move(instance)}; }

std::string to_string(const CgroupOwner& owner) { return std::format("{}{}-{}", kDaemonPrefix, owner.pid_namespace, owner.instance); }

std::optional<CgroupOwner> parse_cgroup_owner(std::string_view name) {
  if (!name.starts_with(kDaemonPrefix)) return std::nullopt;
  name.remove_prefix(kDaemonPrefix.size());
  CgroupOwner owner;
  const char* const end_of_name = name.data() + name.size();
  auto [end, ec] = std::from_chars(name.data(), end_of_name, owner.pid_namespace);
  if (ec != std::errc() || end == end_of_name || *end != '-') return std::nullopt;
  owner.instance.assign(end + 1, end_of_name);
  return owner;
}

std::optional<CgroupMember> parse_cgroup_path(std::string_view path) {
  std::optional<CgroupMember> found;
  std::optional<CgroupOwner> owner;
  for (const fs::path& part : fs::path(path)) {  // of a daemon that runs inside a worker of another one, the inner one counts
    auto worker = parse_worker(part.string());
    if (owner && worker) found = {.owner = *owner, .worker = *worker};
    owner = parse_cgroup_owner(part.string());
  }
  return found;
}

}  // namespace proxy::supervisor
