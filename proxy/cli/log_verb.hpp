// `perch logs`: what the daemon and its workers have said lately, and what they say from now on.
#pragma once

#include <string>

#include "proxy/cli/daemon_client.hpp"

namespace proxy::cli {

struct LogCall {
  std::string source;  // "daemon", "worker" or a model; empty: all
  std::string level;   // the least; empty: all
  std::size_t lines = 100;
  bool follow = false;
  bool json = false;  // following: an object a line
};
int show_logs(const DaemonClient& daemon, const LogCall& call);

}  // namespace proxy::cli
