// `perch active`: what the operator has chosen, another choice, or none.
#pragma once

#include <string>
#include <vector>

#include "proxy/cli/daemon_client.hpp"

namespace proxy::cli {

// What the name "active" means, as GET /admin/v1/active and the status tell it: lines for a person, of which the first goes on from that
// name. Pure.
std::vector<std::string> choice_lines(const common::Json& choice);

int show_active(const DaemonClient& daemon, bool json);
// `said`: an id, a role or a part of a name. With `load` it is made resident then, which is waited for.
int choose_active(const DaemonClient& daemon, const std::string& said, bool load, bool json);
int clear_active(const DaemonClient& daemon, bool json);

}  // namespace proxy::cli
