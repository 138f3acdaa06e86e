// Starts perch-worker processes: descriptors, environment, sockets, and the reading of their error output.
//
// Workers get a private folder for their sockets (mode 0700, under XDG_RUNTIME_DIR or the temporary folder), an environment of a few
// whitelisted variables, and PERCH_INSTANCE, which names the daemon that they belong to.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <filesystem>

#include "common/task_group.hpp"
#include "proxy/supervisor/launcher.hpp"

namespace proxy::supervisor {

struct ProcessLauncherConfig {
  std::filesystem::path program;       // perch-worker
  std::vector<std::string> arguments;  // before anything else; tests pass a fake worker's here
};

class ProcessLauncher final : public Launcher {
 public:
  // Makes the socket folder; throws std::system_error when it cannot.
  ProcessLauncher(boost::asio::any_io_executor executor, ProcessLauncherConfig config);
  ~ProcessLauncher() override;  // removes the folder

  common::Result<std::unique_ptr<LaunchedWorker>> launch(const std::string& model) override;
  const std::string& instance() const { return instance_; }

 private:
  boost::asio::any_io_executor executor_;
  ProcessLauncherConfig config_;
  std::string instance_;
  std::filesystem::path folder_;
  int launched_ = 0;
};

}  // namespace proxy::supervisor
