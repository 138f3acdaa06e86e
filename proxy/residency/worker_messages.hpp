// What a model's worker is told, or what a server of somebody else's is started with, from its entry in the registry. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "common/worker_protocol.hpp"
#include "proxy/supervisor/launcher.hpp"
#include "registry/catalog.hpp"

namespace proxy::residency {

// `read_mode`: common::Load::read_mode. `sessions_folder`: where conversations outlive their workers; empty: nowhere.
common::Load load_of(const registry::Model& entry, std::string read_mode, std::string sessions_folder);
// Nothing: a worker of our own runs it.
std::optional<supervisor::CommandServer> command_of(const registry::Model& entry);
// `budget_bytes`: that all saved conversations may have. `timeout`: of the state in which a worker saves.
common::SaveSessions save_order(std::uint64_t budget_bytes, std::chrono::milliseconds timeout);

}  // namespace proxy::residency
