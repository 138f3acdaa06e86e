// The verbs that talk to a running daemon. Each prints for a person and returns an exit status (see cli.hpp).
#pragma once

#include <string>
#include <vector>

#include "proxy/cli/daemon_client.hpp"
#include "registry/memory_prediction.hpp"

namespace proxy::cli {

int show_status(const DaemonClient& daemon, bool json);
int show_models(const DaemonClient& daemon, bool json);
// Every id and every role that a model stands behind, one a line: for completion.
int list_names(const DaemonClient& daemon);
// The latest swaps, newest first, and how long each of their parts took.
int show_swaps(const DaemonClient& daemon, std::size_t most, bool json);
// Whether a model would fit; the shape's zeros stand for what the registry says. Loads nothing.
int show_fit(const DaemonClient& daemon, const std::string& model, const registry::RunShape& shape, bool json);
int show_memory(const DaemonClient& daemon, bool json);
int lend_memory(const DaemonClient& daemon, double gib, double minutes, bool wait, bool json);
int end_memory_lease(const DaemonClient& daemon, const std::string& lease, bool json);
// The daemon's answer to a load. Before a terminal it shows how far that is.
common::Result<common::Json> load_with_progress(const DaemonClient& daemon, const std::string& model, bool wait);
// What became of a verb about a model.
int print_outcome(const common::Json& outcome, bool json);
int load_model(const DaemonClient& daemon, const std::string& model, bool wait, bool json);
// `verb`: unload, pin or unpin.
int tell_model(const DaemonClient& daemon, const std::string& model, const char* verb, bool json);
// Saved conversations, of one model or (empty) of all.
int show_sessions(const DaemonClient& daemon, bool json);
int drop_sessions(const DaemonClient& daemon, const std::string& model, bool json);
// With `json` one question, and its answer as it is.
int chat(const DaemonClient& daemon, const std::string& model, const std::vector<std::string>& question, bool json);

}  // namespace proxy::cli
