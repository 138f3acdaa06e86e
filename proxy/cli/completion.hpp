// What a shell needs to complete the command line: a script for bash, zsh or fish. Pure; the models' names are asked of the daemon when
// they are needed (`perch models --names`).
#pragma once

#include <string>

#include "proxy/cli/outline.hpp"

namespace proxy::cli {

std::string bash_completion(const VerbOutline& program);
std::string zsh_completion(const VerbOutline& program);
std::string fish_completion(const VerbOutline& program);

}  // namespace proxy::cli
