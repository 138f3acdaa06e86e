#include "proxy/residency/worker_messages.hpp"

#include <utility>

#include "registry/model_facts.hpp"

namespace proxy::residency {

common::Load load_of(const registry::Model& entry, std::string read_mode, std::string sessions_folder) {
  return {.model = entry.id,
          .path = entry.artifact.string(),
          .context_tokens = entry.context_tokens,
          .parallel = entry.parallel,
          .kv_unified = entry.kv_unified,
          .cache_type_k = entry.cache_type_k,
          .cache_type_v = entry.cache_type_v,
          .sampling = entry.sampling,
          .enforced = entry.enforced,
          .adapters = entry.adapters,
          .projector = entry.projector.string(),
          .prompt_cache_mib = entry.prompt_cache_mib,
          .tool_format = entry.tool_format,
          .read_mode = std::move(read_mode),
          .sessions_folder = std::move(sessions_folder)};
}

std::optional<supervisor::CommandServer> command_of(const registry::Model& entry) {
  if (!entry.command) return std::nullopt;
  supervisor::CommandServer server{.line = *entry.command,
                                   .artifact = entry.artifact,
                                   .files = {},
                                   .expected_bytes = entry.memory_bytes > 0 ? entry.memory_bytes : entry.bytes.value_or(0),
                                   .purpose = entry.purpose};
  if (!entry.artifact.empty()) server.files = registry::files_of(entry.artifact);
  return server;
}

// Its answer has to be here before the state's own deadline passes.
common::SaveSessions save_order(std::uint64_t budget_bytes, std::chrono::milliseconds timeout) {
  return {.budget_bytes = budget_bytes, .milliseconds = static_cast<std::uint64_t>(timeout.count()) * 4 / 5};
}

}  // namespace proxy::residency
