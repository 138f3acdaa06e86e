// `perch registry check|plan|history|diff|rollback` and `perch use`: the registry's file, with the running daemon where there is one and
// without it where that will do.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace proxy::cli {

// `url`: where the daemon is, read when a verb runs; `status`: what it returns.
void add_registry_verbs(CLI::App& app, std::string& url, int& status);

}  // namespace proxy::cli
