// Commands that have a server run in a container: what listens then is no process of theirs, and outlives them.
#pragma once

#include <string>

#include "registry/foreign/command_line.hpp"

namespace registry::foreign {

// The program by which it does ("docker"), also behind sudo and the like; empty: it does not.
std::string container_program(const Words& command);

}  // namespace registry::foreign
