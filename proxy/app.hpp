// The daemon: puts the modules together, runs the loop, and takes everything down in order.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "proxy/supervisor/lifecycle.hpp"
#include "proxy/supervisor/process_launcher.hpp"

namespace proxy {

struct AppConfig {
  std::filesystem::path registry;     // the file to serve from
  std::optional<std::string> listen;  // overrides the registry's server.listen
  bool insecure = false;              // allow a listen address beyond loopback without keys
  supervisor::ProcessLauncherConfig worker;
  supervisor::Timeouts timeouts;
  std::filesystem::path state;    // folder of what outlives a run; empty: nothing does
  std::filesystem::path journal;  // when set, every decision about models is appended to this new file
  // Where the kernel says how short memory is, and how fast that is acted on; tests have files and a pace of their own.
  std::filesystem::path memory_folder;  // with the files "meminfo" and "pressure"; empty: the system's
  double pressure_pace = 1;
  std::filesystem::path port_file;  // when set, the bound port is written here: for tests that listen on port 0
};

// Returns the exit status: 0 after an orderly stop. Startup errors are thrown as std::runtime_error with one clear line.
int run_daemon(AppConfig config);

}  // namespace proxy
