#include "proxy/cli/diagnosis.hpp"

#include <algorithm>
#include <format>

#include "common/connection_budget.hpp"
#include "proxy/cli/units.hpp"
#include "registry/memory_prediction.hpp"

namespace proxy::cli {

using common::ErrorKind;
using common::Json;
using common::Result;

namespace {

constexpr std::uint64_t kFewDescriptors = 1024;

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

Finding ok(std::string subject, std::string what) { return {Grade::ok, std::move(subject), std::move(what), ""}; }

std::string field(const Json& object, const char* key) {
  auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : "";
}

}  // namespace

std::string_view to_string(Grade grade) {
  switch (grade) {
    case Grade::ok: return "ok";
    case Grade::warning: return "warning";
    case Grade::wrong: return "wrong";
  }
  return "";
}

Finding diagnose_worker(const std::filesystem::path& program, const Result<common::ChildOutput>& said, std::string_view version) {
  const std::string name = program.string();
  if (!said)
    return {Grade::wrong, "worker", std::format("{} cannot be run: {}", name, said.error().message()),
            "install perch-worker beside perch, or name it with --worker"};
  if (!said->status.clean())
    return {Grade::wrong, "worker", std::format("{} fails ({}): {}", name, common::describe(said->status), first_line(said->text)),
            "install what it says is missing, or build it again"};
  if (first_line(said->text) != version)
    return {Grade::wrong, "worker", std::format("{} is of version {}, and this is {}", name, first_line(said->text), version),
            "install both from the same build"};
  return ok("worker", std::format("{} runs", name));
}

std::vector<Finding> diagnose_registry(const RegistryFile& file, const Result<registry::Catalog>& catalog) {
  const std::string name = file.path.string();
  if (!catalog)
    return {{Grade::wrong, "registry", std::format("{}: {}", name, catalog.error().message()),
             "mend what it names; docs/registry.md says what may stand there"}};
  std::vector<Finding> findings;
  if (file.is_demo)
    findings.push_back({Grade::warning, "registry", std::format("there is none of yours: the demo models are served ({})", name),
                        "write ~/.config/ai-stack/registry.json (README.md shows one), or name yours with --registry"});
  else
    findings.push_back(
        ok("registry", std::format("{} is valid: {} models, {} roles", name, catalog->models.size(), catalog->roles.size())));
  for (const std::string& warning : catalog->warnings) findings.push_back({Grade::warning, "registry", warning, "mend it in " + name});
  return findings;
}

std::vector<Finding> diagnose_models(const registry::Catalog& catalog) {
  std::vector<Finding> findings;
  std::size_t readable = 0;
  for (const auto& [id, model] : catalog.models) {
    if (model.facts_problem.empty()) {
      ++readable;
      continue;
    }
    const bool is_needed = !catalog.roles_of(id).empty() || catalog.pinned.contains(id);
    findings.push_back({is_needed ? Grade::wrong : Grade::warning, "models", std::format("{}: {}", id, model.facts_problem),
                        "look at the file and its permissions, download it again, or take it out of the registry"});
  }
  for (const registry::LeftOut& each : catalog.left_out)
    findings.push_back({Grade::warning, "models", std::format("{} is left out: {}", each.path.string(), each.why),
                        "finish or delete what is half there, or write an entry in the registry's catalog for what is meant"});
  for (const auto& [role, id] : catalog.roles) {
    if (!catalog.names_a_model(id))
      findings.push_back({Grade::warning, "models", std::format("the role {} points at {}, which no file is known for", role, id),
                          "add the file to a folder in model_dirs, or repoint the role"});
  }
  if (catalog.models.empty() && catalog.peers.empty())
    findings.push_back({Grade::wrong, "models", "there are none", "name a folder with GGUF files in the registry's model_dirs"});
  if (readable > 0) findings.insert(findings.begin(), ok("models", std::format("{} can be read", readable)));
  return findings;
}

std::vector<Finding> diagnose_memory(const registry::Catalog& catalog, const MemoryFacts& facts) {
  std::vector<Finding> findings;
  const std::uint64_t most = std::min(facts.physical_bytes, facts.limit_bytes);
  const std::uint64_t reserve = registry::reserve_of(most, catalog.memory.reserve_bytes);
  const std::uint64_t left = most - std::min(most, reserve);
  if (facts.limit_bytes < facts.physical_bytes)
    findings.push_back({Grade::warning, "memory",
                        std::format("a cgroup allows {} of the machine's {}", mib(facts.limit_bytes), mib(facts.physical_bytes)),
                        "raise its memory.max (of a service: MemoryMax=), if that is not meant"});
  if (facts.address_space_bytes)
    findings.push_back(
        {Grade::warning, "memory",
         std::format("a process may have {} of address space, which mapped model files count for", mib(*facts.address_space_bytes)),
         "lift that limit (ulimit -v unlimited; of a service: LimitAS=infinity)"});
  std::size_t fitting = 0;
  for (const auto& [id, model] : catalog.models) {
    if (!model.facts) continue;
    const std::uint64_t needed =
        registry::predict(*model.facts, registry::settled(registry::shape_of(model), *model.facts), model.beside_bytes).total();
    if (needed <= left) ++fitting;
    else
      findings.push_back({Grade::warning, "memory", std::format("{} needs {} and models may take {}", id, mib(needed), mib(left)),
                          std::format("`perch fit {}` shows the sum: a shorter context, fewer slots or a smaller quantization", id)});
  }
  findings.insert(findings.begin(), ok("memory", std::format("models may take {}: {} fit", mib(left), fitting)));
  return findings;
}

Finding diagnose_descriptors(std::uint64_t hard_limit) {
  if (hard_limit >= common::kAllDescriptors) return ok("descriptors", std::format("{} may be open", hard_limit));
  const std::size_t connections = common::connections_with(hard_limit);
  return {hard_limit < kFewDescriptors ? Grade::wrong : Grade::warning, "descriptors",
          std::format("{} may be open, which is enough for {} connections", hard_limit,
                      connections - std::min(connections, common::kReservedConnections)),
          std::format("raise the hard limit to {} or more (ulimit -Hn; of a service: LimitNOFILE=)", common::kAllDescriptors)};
}

Finding diagnose_cgroup(const Result<std::filesystem::path>& own) {
  if (own) return ok("cgroup", std::format("workers get one each, below {}", own->string()));
  return {Grade::warning, "cgroup", std::format("workers get none of their own: {}", own.error().message()),
          "let the service have Delegate=yes (systemd), or start it with `systemd-run --user --scope -p Delegate=yes`; without it /proc is "
          "searched instead"};
}

Finding diagnose_state_folder(const std::filesystem::path& folder, bool is_writable) {
  if (folder.empty())
    return {Grade::warning, "state", "nothing that is learned outlives the daemon, and no conversation a swap: there is no folder for it",
            "set HOME or XDG_STATE_HOME"};
  if (!is_writable)
    return {Grade::warning, "state", std::format("{} cannot be written", folder.string()),
            "give it to whom the daemon runs as, or set XDG_STATE_HOME"};
  return ok("state", std::format("{} can be written", folder.string()));
}

std::vector<Finding> diagnose_daemon(const std::string& url, const Result<Json>& status, const std::filesystem::path& registry,
                                     std::string_view version) {
  if (!status && status.error().kind() == ErrorKind::io)
    return {{Grade::warning, "daemon", std::format("none answers at {}", url), "start one with `perch serve`"}};
  const bool is_ours = status && status->is_object() && !field(*status, "version").empty() && status->contains("registry");
  if (!is_ours)
    return {{Grade::wrong, "daemon",
             std::format("something else answers at {}: {}", url, status ? "no status of Perch" : status.error().message()),
             "choose another address (server.listen in the registry), or end what has it"}};
  std::vector<Finding> findings;
  const std::string theirs = field(*status, "version");
  if (theirs == version) findings.push_back(ok("daemon", std::format("{} answers at {}", theirs, url)));
  else
    findings.push_back({Grade::warning, "daemon", std::format("{} answers at {}, and this is {}", theirs, url, version),
                        "restart it (deploy/ops/drain-and-restart waits for a quiet moment)"});
  const Json& of_daemon = (*status)["registry"];
  if (const std::string problem = field(of_daemon, "last_error"); !problem.empty())
    findings.push_back({Grade::wrong, "daemon", std::format("the registry as it is now is not in force: {}", problem),
                        "mend the file; it is read again at once"});
  if (const std::string file = field(of_daemon, "file"); file != registry.string())
    findings.push_back({Grade::warning, "daemon", std::format("it reads {}, and {} was looked at here", file, registry.string()),
                        "name the one that is meant with --registry"});
  for (const Json& worker : status->value("workers", Json::array())) {
    const std::string state = field(worker, "state");
    if (state == "backoff" || state == "quarantined" || state == "unkillable")
      findings.push_back({Grade::wrong, "daemon",
                          std::format("{} is in {}: {}", field(worker, "model"), state, field(worker, "last_failure")),
                          "the log has the worker's own words; a changed file is tried again at once, and so is `perch load`"});
  }
  return findings;
}

Finding diagnose_port(const std::string& address, Port port) {
  switch (port) {
    case Port::free: return ok("port", std::format("{} is free", address));
    case Port::taken:
      return {Grade::wrong, "port", std::format("{} is taken by something that is not Perch", address),
              "end it, or choose another (server.listen in the registry)"};
    case Port::not_allowed: break;
  }
  return {Grade::wrong, "port", std::format("{} may not be listened on", address),
          "choose an address of this machine and a port above 1023 (server.listen in the registry)"};
}

}  // namespace proxy::cli
