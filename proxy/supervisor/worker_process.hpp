// A process that does a worker's part, and all that belongs to it: its group, its cgroup, its descendants, its error output, what it holds.
// What is said to it and heard from it is for its two kinds: ProcessWorker (process_launcher.cpp), one of our own, and CommandWorker
// (command_worker.hpp), a server of somebody else's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/child_process.hpp"
#include "common/memory_status.hpp"
#include "proxy/supervisor/descendants.hpp"
#include "proxy/supervisor/error_output.hpp"
#include "proxy/supervisor/launcher.hpp"
#include "proxy/supervisor/program_finder.hpp"
#include "proxy/supervisor/worker_cgroups.hpp"

namespace proxy::supervisor {

// What workers of one launcher share.
struct WorkerHouse {
  std::shared_ptr<const WorkerCgroups> cgroups;
  std::shared_ptr<int> running;  // workers with a model, not reaped
  common::MemoryFiles memory;
  std::shared_ptr<ProgramFinder> programs;
};

class WorkerProcess : public LaunchedWorker {
 public:
  // `socket`: the path of its Unix socket, removed with it; empty: it has none.
  WorkerProcess(common::ChildProcess child, std::shared_ptr<ErrorOutput> output, WorkerMark mark, std::string socket, WorkerHouse house);
  WorkerProcess(const WorkerProcess&) = delete;
  ~WorkerProcess() override;

  pid_t pid() const override { return child_.pid(); }
  void assign(const std::string& model) override;
  bool runs() const override;
  void signal(int signal) override;
  boost::asio::awaitable<common::ExitStatus> wait_exit() override;
  bool survivors() const override;
  void kill_survivors() override;
  std::uint64_t own_bytes() const override;
  std::vector<std::string> last_lines() const override { return output_->last_lines(); }

 protected:
  // It and what it has started, as far as they live.
  std::vector<pid_t> processes() const;
  bool reaped() const { return child_.reaped(); }
  const WorkerHouse& house() const { return house_; }
  const std::shared_ptr<ErrorOutput>& output() const { return output_; }

 private:
  WorkerIdentity identity() const;

  common::ChildProcess child_;
  std::shared_ptr<ErrorOutput> output_;
  WorkerMark mark_;
  std::string socket_;
  WorkerHouse house_;
  std::uint64_t started_;  // as common::ProcessEntry::start_time
  bool assigned_ = false;  // it has a model; before that it starts nothing, so nothing that is found is its own
  bool counts_ = false;    // among those that run
  std::uint64_t victims_before_;  // of the kernel, when memory was short
  std::optional<std::uint64_t> victims_at_kill_;
};

// What a worker's environment has, whatever it is: what all have of ours, and the two variables that name it.
std::vector<std::string> environment_for(const WorkerMark& mark);
// What every worker is held to.
common::ChildLimits worker_limits();

}  // namespace proxy::supervisor
