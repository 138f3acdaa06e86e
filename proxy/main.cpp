#include <exception>
#include <filesystem>
#include <iostream>

#include "common/log.hpp"
#include "common/program_folder.hpp"
#include "common/state_files.hpp"
#include "proxy/app.hpp"
#include "proxy/cli/cli.hpp"
#include "registry/registry_file.hpp"

namespace {

namespace fs = std::filesystem;

// Installed beside the program, or still in the source tree it was built from.
fs::path demo_registry() {
  const fs::path installed = common::program_folder() / ".." / "share" / "perch" / "demo" / "registry.json";
  std::error_code missing;
  return fs::exists(installed, missing) ? fs::weakly_canonical(installed) : fs::path(PERCH_DEMO_FOLDER) / "registry.json";
}

proxy::cli::RegistryFile choose_registry(const std::string& named) {
  if (!named.empty()) return {.path = fs::absolute(named)};
  const fs::path usual = registry::default_path();
  std::error_code missing;
  if (fs::exists(usual, missing)) return {.path = usual};
  return {.path = demo_registry(), .is_demo = true};
}

std::chrono::milliseconds milliseconds(double seconds) { return std::chrono::milliseconds(static_cast<long>(seconds * 1000)); }

int serve(const proxy::cli::ServeOptions& options) {
  namespace log = common::log;
  log::start("perch", options.log_format == "json" ? log::Format::json : log::Format::text, spdlog::level::from_str(options.log_level),
             log::Keep::lines);
  int status = 1;
  try {
    const proxy::cli::RegistryFile chosen = choose_registry(options.registry);
    if (chosen.is_demo) log::info("there is no {}: serving the demo models", registry::default_path().string());
    proxy::AppConfig config{
        .registry = chosen.path,
        .listen = options.listen,
        .insecure = options.insecure,
        .worker = {.program = options.worker.empty() ? common::beside_this_program("perch-worker") : fs::absolute(options.worker),
                   .arguments = options.worker_arguments},
        .state = common::state_folder(),
        .journal = options.journal,
        .memory_folder = options.memory_folder,
        .pressure_pace = options.pressure_pace,
        .port_file = options.port_file};
    config.timeouts.load_stall = milliseconds(options.load_stall_seconds);
    config.timeouts.work_stall = milliseconds(options.work_stall_seconds);
    config.timeouts.stop = milliseconds(options.stop_timeout_seconds);
    status = proxy::run_daemon(std::move(config));
  } catch (const std::exception& error) {
    log::error("{}", error.what());
  }
  log::stop();
  return status;
}

}  // namespace

int main(int argc, char** argv) { return proxy::cli::run(argc, argv, serve, choose_registry); }
