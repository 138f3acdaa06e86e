// Starts perch-worker processes, and servers of others that a command line starts (command_worker.hpp): descriptors, environment, sockets,
// and the reading of their error output.
//
// Workers get a private folder for their sockets (mode 0700, under XDG_RUNTIME_DIR or the temporary folder), an environment of a few
// whitelisted variables, two that name the daemon and the worker (descendants.hpp), and a cgroup where there may be one
// (worker_cgroups.hpp); by these their descendants are found. The daemon adopts what workers leave behind. What an earlier daemon left
// behind when it crashed is ended before the first worker is started.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <filesystem>

#include "common/cgroup.hpp"
#include "common/memory_status.hpp"
#include "common/task_group.hpp"
#include "proxy/supervisor/cgroup_guard.hpp"
#include "proxy/supervisor/launcher.hpp"
#include "proxy/supervisor/worker_cgroups.hpp"
#include "proxy/supervisor/worker_process.hpp"

namespace proxy::supervisor {

struct ProcessLauncherConfig {
  std::filesystem::path program;       // perch-worker
  std::vector<std::string> arguments;  // before anything else; tests pass a fake worker's here
  common::MemoryFiles memory = common::system_memory_files();
  common::Result<std::filesystem::path> cgroup = common::own_cgroup();  // where those of workers are made, or why there are none
};

class ProcessLauncher final : public Launcher {
 public:
  // Makes the socket folder; throws std::system_error when it cannot. Ends what dead daemons left running (up to a second).
  ProcessLauncher(boost::asio::any_io_executor executor, ProcessLauncherConfig config);
  ~ProcessLauncher() override;  // removes the folder

  common::Result<std::unique_ptr<LaunchedWorker>> launch(const std::string& model) override;
  boost::asio::awaitable<common::Result<void>> reach(CommandServer server) override;
  common::Result<std::unique_ptr<LaunchedWorker>> launch_command(const std::string& model, const CommandServer& server) override;
  std::uint64_t available_bytes() const override;
  // From now on reaps adopted processes and the guard as they end, in tasks of that group.
  void keep_house(common::TaskGroup& tasks);
  const std::string& instance() const { return instance_; }

 private:
  WorkerHouse house() const { return {.cgroups = cgroups_, .running = running_, .memory = config_.memory, .programs = programs_}; }
  boost::asio::awaitable<void> reap_adopted();
  boost::asio::awaitable<void> watch_guard();

  boost::asio::any_io_executor executor_;
  ProcessLauncherConfig config_;
  std::string instance_;
  std::filesystem::path folder_;
  std::shared_ptr<const WorkerCgroups> cgroups_;
  std::optional<CgroupGuard> guard_;
  std::shared_ptr<ProgramFinder> programs_ = std::make_shared<ProgramFinder>();
  int launched_ = 0;
  std::shared_ptr<int> running_ = std::make_shared<int>(0);  // workers with a model, not reaped; they may outlive the launcher
};

}  // namespace proxy::supervisor
