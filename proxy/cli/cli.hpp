// The command line: `perch serve` is the daemon, the other verbs talk to a running one.
//
// Returns one of the exit statuses in exit_codes.hpp.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "proxy/cli/diagnosis.hpp"

namespace proxy::cli {

struct ServeOptions {
  std::string registry;  // empty: the default path, or the demo models when there is none
  std::optional<std::string> listen;
  std::string worker;  // path of perch-worker; empty: beside this program
  std::vector<std::string> worker_arguments;
  std::string log_format = "text";
  std::string log_level = "info";
  std::string port_file;
  bool insecure = false;
  double load_stall_seconds = 60;
  double work_stall_seconds = 120;
  std::string journal;
  double stop_timeout_seconds = 10;
  std::string memory_folder;
  double pressure_pace = 1;
};

// `serve` is handed in by main, which alone knows the daemon, and with it which registry it reads when one is named, or (empty) none is.
int run(int argc, char** argv, const std::function<int(const ServeOptions&)>& serve,
        const std::function<RegistryFile(const std::string&)>& choose_registry);

}  // namespace proxy::cli
