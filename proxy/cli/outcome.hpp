// How verbs end: what is printed, and which exit status goes with it.
#pragma once

#include <string>

#include "common/json.hpp"
#include "proxy/cli/daemon_client.hpp"
#include "proxy/cli/exit_codes.hpp"

namespace proxy::cli {

// Each returns the exit status.
int complain(const std::string& message, int status = kRefused);
// What a daemon refused, or that none answers.
int complain(const DaemonClient& daemon, const common::Error& error);
int print_json(const common::Json& json);  // 0

}  // namespace proxy::cli
