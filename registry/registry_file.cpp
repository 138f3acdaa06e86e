#include "registry/registry_file.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <format>

#include "common/call_families.hpp"
#include "common/names.hpp"
#include "common/sampling_fields.hpp"
#include "common/state_files.hpp"
#include "common/xxh64.hpp"
#include "registry/command_entry.hpp"
#include "registry/discovery.hpp"
#include "registry/memory_prediction.hpp"
#include "registry/model_facts.hpp"
#include "registry/model_files.hpp"
#include "registry/peer_entry.hpp"
#include "registry/request_edits.hpp"
#include "registry/section_reader.hpp"
#include "registry/tier_entry.hpp"

namespace registry {
namespace {

namespace fs = std::filesystem;
using common::ErrorKind;
using common::fail;
using common::Json;
using common::Result;

constexpr std::uint64_t kMaxPromptCacheMib = 1'048'576;
constexpr std::uint64_t kMostMib = 16'777'216;
constexpr double kLeastStallPercent = 1;
constexpr double kMaxAdapterScale = 100;
constexpr double kMostSeconds = 86'400;
constexpr std::uint64_t kMaxRequests = 100'000;
constexpr double kMaxPriority = 100;

fs::path absolute(std::string_view written, const fs::path& base, const fs::path& home) {
  if (written == "~") return home;
  if (written.starts_with("~/")) return home / written.substr(2);
  return (base / written).lexically_normal();
}

void read_roles(SectionReader& models, Catalog& catalog) {
  for (const std::string& role : models.keys()) {
    std::string id = models.text(role);
    if (role.empty() || id.empty()) models.refuse(role, "a role and its model id must not be empty");
    catalog.roles[role] = id;
  }
}

// The object itself, once every field in it is known and within its limits.
Json read_sampling(SectionReader section) {
  std::vector<const char*> known;
  Json read = Json::object();
  for (const common::NumberField& field : common::kSamplingFields) {
    known.push_back(field.name);
    if (!section.has(field.name)) continue;
    double number = section.number(field.name, field.low, field.high);
    if (field.whole && number != std::trunc(number)) section.refuse(field.name, "must be a whole number");
    read[field.name] = field.whole ? Json(static_cast<std::int64_t>(number)) : Json(number);
  }
  section.allow(known);
  return read;
}

common::AdapterFile read_adapter(SectionReader& entry, const fs::path& base, const fs::path& home) {
  entry.allow({"path", "scale"});
  common::AdapterFile adapter;
  std::string path = entry.text("path");
  if (path.empty()) entry.refuse("path", "the path of a LoRA adapter (a GGUF file) is needed");
  adapter.path = absolute(path, base, home).string();
  if (entry.has("scale")) adapter.scale = entry.number("scale", -kMaxAdapterScale, kMaxAdapterScale);
  return adapter;
}

std::chrono::milliseconds seconds(SectionReader& section, const char* key, double most) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(section.number(key, 0, most) * 1000));
}

std::string read_cache_type(SectionReader& entry, const char* key) {
  if (!entry.has(key)) return {};
  std::string type = entry.text(key);
  if (!std::ranges::contains(common::kCacheTypes, type)) {
    std::string known;
    for (const char* each : common::kCacheTypes) known += std::format("{}{}", known.empty() ? "" : ", ", each);
    entry.refuse(key, std::format("\"{}\" is no type of a KV cache; there are {}", type, known));
  }
  return type;
}

bool is_run_by_command(SectionReader& entry) {
  const std::string runtime = entry.has("runtime") ? entry.text("runtime") : "embedded";
  const bool by_command = runtime == "command";
  if (!by_command && runtime != "embedded") entry.refuse("runtime", "\"embedded\" (the default) or \"command\" is expected");
  for (const std::string& key : entry.keys()) {
    if (by_command && is_key_of_workers(key))
      entry.refuse(key, "only a worker of Perch's own knows it: it belongs into \"command\", as the server has it");
    if (!by_command && is_key_of_commands(key)) entry.refuse(key, "only with \"runtime\": \"command\"");
  }
  return by_command;
}

std::string read_tool_format(SectionReader& entry) {
  std::string family = entry.text("tool_format");
  const std::vector<std::string> known = common::call_families();
  if (family.empty() || std::ranges::contains(known, family)) return family;
  std::string all;
  for (const std::string& each : known) all += (all.empty() ? "" : ", ") + each;
  entry.refuse("tool_format", std::format("\"{}\" is none of the ways to write calls: {}", family.substr(0, 100), all));
  return {};
}

Model read_model(SectionReader entry, const std::string& id, const fs::path& base, const fs::path& home) {
  Model model{.id = id};
  entry.allow({"artifact", "runtime", "context_tokens", "parallel", "kv_unified", "cache_type_k", "cache_type_v", "description", "sampling",
               "enforced", "lora", "projector", "prompt_cache_mib", "tool_format", "idle_ttl", "max_requests", "command", "environment",
               "pass_environment", "ready_path", "stop_command", "served_model_name", "memory_mib", "purpose", "answer_timeout",
               "strip_fields", "set_fields"});
  const bool by_command = is_run_by_command(entry);
  if (!by_command || entry.has("artifact")) {
    std::string artifact = entry.text("artifact");
    if (artifact.empty()) entry.refuse("artifact", "the path of a GGUF file is needed");
    model.artifact = absolute(artifact, base, home);
  }
  if (by_command) read_command(entry, model, [&](const std::string& path) { return absolute(path, base, home).string(); });
  if (entry.has("context_tokens")) model.context_tokens = entry.count("context_tokens", kLeastContextTokens, kMostContextTokens);
  if (entry.has("parallel")) model.parallel = entry.count("parallel", kLeastParallel, kMostParallel);
  if (entry.has("kv_unified")) model.kv_unified = entry.flag("kv_unified");
  model.cache_type_k = read_cache_type(entry, "cache_type_k");
  model.cache_type_v = read_cache_type(entry, "cache_type_v");
  if (entry.has("description")) model.description = entry.text("description");
  if (entry.has("sampling")) model.sampling = read_sampling(entry.section("sampling"));
  if (entry.has("enforced")) model.enforced = read_sampling(entry.section("enforced"));
  model.edits = read_request_edits(entry);
  for (SectionReader& adapter : entry.sections("lora")) model.adapters.push_back(read_adapter(adapter, base, home));
  if (entry.has("projector")) {
    std::string projector = entry.text("projector");
    if (projector.empty()) entry.refuse("projector", "the path of a projector (a GGUF file) is needed");
    model.projector = absolute(projector, base, home);
  }
  if (entry.has("prompt_cache_mib")) model.prompt_cache_mib = entry.count("prompt_cache_mib", 0, kMaxPromptCacheMib);
  if (entry.has("tool_format")) model.tool_format = read_tool_format(entry);
  if (entry.has("idle_ttl")) model.idle_ttl = seconds(entry, "idle_ttl", kMostSeconds);
  if (entry.has("max_requests")) model.max_requests = entry.count("max_requests", 1, kMaxRequests);
  return model;
}

// The path is as it is written.
ModelFolder read_model_folder(SectionReader& entry) {
  entry.allow({"path", "layout"});
  ModelFolder folder{.path = entry.text("path")};
  if (folder.path.empty()) entry.refuse("path", "the path of a folder is needed");
  if (!entry.has("layout")) return folder;
  const std::string name = entry.text("layout");
  const auto* layout = std::ranges::find(kLayouts, name, [](Layout each) { return to_string(each); });
  if (layout != std::end(kLayouts)) folder.layout = *layout;
  else entry.refuse("layout", "\"any\" (the default), \"plain\", \"huggingface\" or \"lmstudio\" is expected");
  return folder;
}

int read_priority(SectionReader& section, const std::string& key) {
  const double priority = section.number(key, -kMaxPriority, kMaxPriority);
  if (priority != std::trunc(priority)) section.refuse(key, "must be a whole number");
  return static_cast<int>(priority);
}

RoleTerms read_role(SectionReader section) {
  section.allow({"fallback", "sampling", "enforced", "set_fields", "context_tokens", "priority"});
  RoleTerms terms;
  if (section.has("fallback")) terms.fallback = section.texts("fallback");
  if (section.has("sampling")) terms.sampling = read_sampling(section.section("sampling"));
  if (section.has("enforced")) terms.enforced = read_sampling(section.section("enforced"));
  terms.set_fields = read_set_fields(section);
  if (section.has("context_tokens")) terms.context_tokens = section.count("context_tokens", kLeastContextTokens, kMostContextTokens);
  if (section.has("priority")) terms.priority = read_priority(section, "priority");
  return terms;
}

void read_policy(SectionReader section, Policy& policy) {
  section.allow({"drain_timeout", "queue_timeout", "max_queue", "max_queue_per_key", "max_wait", "min_residency", "linger",
                 "idle_ttl", "return_to_default_after", "priorities", "spare_worker", "first_come"});
  if (section.has("drain_timeout")) policy.drain_timeout = seconds(section, "drain_timeout", kMostSeconds);
  if (section.has("queue_timeout")) policy.queue_timeout = seconds(section, "queue_timeout", kMostSeconds);
  if (section.has("max_queue")) policy.max_queue = section.count("max_queue", 1, kMaxRequests);
  if (section.has("max_queue_per_key")) policy.max_queue_per_key = section.count("max_queue_per_key", 1, kMaxRequests);
  if (section.has("max_wait")) policy.max_wait = seconds(section, "max_wait", kMostSeconds);
  if (section.has("min_residency")) policy.min_residency = seconds(section, "min_residency", kMostSeconds);
  if (section.has("linger")) policy.linger = seconds(section, "linger", kMostSeconds);
  if (section.has("idle_ttl")) policy.idle_ttl = seconds(section, "idle_ttl", kMostSeconds);
  if (section.has("return_to_default_after")) policy.return_to_default_after = seconds(section, "return_to_default_after", kMostSeconds);
  if (section.has("spare_worker")) policy.spare_worker = section.flag("spare_worker");
  if (section.has("first_come")) policy.first_come = section.flag("first_come");
  if (!section.has("priorities")) return;
  SectionReader priorities = section.section("priorities");
  for (const std::string& role : priorities.keys()) policy.priorities[role] = read_priority(priorities, role);
}

// "box.lan:8080", "[::1]:80"; not an address of version 6.
bool has_port(std::string_view host) { return host.contains("]:") || (!host.starts_with('[') && std::ranges::count(host, ':') == 1); }

void read_server(SectionReader section, Server& server) {
  section.allow({"listen", "allowed_hosts"});
  if (section.has("listen")) server.listen = section.text("listen");
  if (section.has("allowed_hosts")) server.allowed_hosts = section.texts("allowed_hosts");
  for (const std::string& host : server.allowed_hosts) {
    if (has_port(host)) section.refuse("allowed_hosts", std::format("{}: a host without a port is expected, which holds for every port", host));
  }
}

void read_memory(SectionReader section, Memory& memory) {
  section.allow({"pinned_mib", "reserve_mib", "saved_mib", "pressure", "pressure_available_mib", "pressure_stall_percent"});
  if (section.has("pinned_mib")) memory.pinned_bytes = section.count("pinned_mib", 0, kMostMib) << 20;
  if (section.has("reserve_mib")) memory.reserve_bytes = section.count("reserve_mib", 0, kMostMib) << 20;
  if (section.has("pressure")) memory.pressure = section.flag("pressure");
  if (section.has("pressure_available_mib")) memory.pressure_available_bytes = section.count("pressure_available_mib", 1, kMostMib) << 20;
  if (section.has("pressure_stall_percent"))
    memory.pressure_stall_percent = section.number("pressure_stall_percent", kLeastStallPercent, 100);
  if (section.has("saved_mib")) memory.saved_bytes = section.count("saved_mib", 0, kMostMib) << 20;
}

bool has_the_files_of(const Model& model, const Model& other) {
  return model.artifact == other.artifact && model.adapters == other.adapters && model.projector == other.projector &&
         model.command.has_value() == other.command.has_value();
}

// What stat(2) says of its files. Where they do not answer, what was known of the same files stays. False: nothing was.
bool take_figures(Model& model, FactsReader& reader, const Model* known) {
  if (model.discovered || model.artifact.empty()) return true;  // they were looked at when they were found, or there are none
  if (auto figures = reader.figures(model)) {
    set_figures(model, std::move(*figures));
  } else if (known && !known->identity.empty() && has_the_files_of(model, *known)) {
    set_figures(model, {.identity = known->identity, .bytes = known->bytes, .beside_bytes = known->beside_bytes});
  } else {
    model.facts_problem = figures.error().message();
    return false;
  }
  return true;
}

// What its files are and say, all of which needs a look at them.
void look_at_files(Model& model, FactsReader& facts_of_file, const Catalog& before) {
  const auto at = before.models.find(model.id);
  const Model* known = at == before.models.end() ? nullptr : &at->second;
  if (!take_figures(model, facts_of_file, known) || model.command) return;
  const bool is_same =
      known && known->facts && known->identity == model.identity && known->artifact == model.artifact && known->projector_problem.empty();
  if (is_same) {
    model.facts = known->facts;
    model.sees = known->sees;
    return;
  }
  model.facts = nullptr;  // of a model that was taken over as it was
  model.facts_problem.clear();
  if (auto facts = facts_of_file(model.artifact, model.identity); !facts) {
    model.facts_problem = facts.error().message();
  } else if (const std::string why = why_no_model(*facts); !why.empty()) {
    model.facts_problem = model.artifact.string() + ": " + why;
  } else {
    model.facts = std::make_shared<const ModelFacts>(std::move(*facts));
  }
  if (model.projector.empty()) return;
  const auto projector = facts_of_file(model.projector, model.identity);
  model.sees = projector && projector->sees;
  if (!projector) model.projector_problem = projector.error().message();
}

void read_peers(SectionReader section, Catalog& catalog, const fs::path& base, const fs::path& home) {
  for (const std::string& name : section.keys()) {
    if (const std::string problem = problem_with_peer_name(name); !problem.empty()) section.refuse(name, problem);
    catalog.peers[name] = read_peer(section.section(name), [&](const std::string& path) { return absolute(path, base, home).string(); });
  }
}

// A role that hides a model of the same name would make an id answer with other weights.
void check_names(const Catalog& catalog, Problems& problems) {
  for (const auto& [role, target] : catalog.roles) {
    if (target != role && catalog.names_a_model(role)) {
      problems.push_back(std::format("/models/{}: there is a model with this id, so the role may only point at itself", role));
    }
  }
  for (const std::string& id : catalog.peer_models()) {
    if (catalog.models.contains(id))
      problems.push_back(std::format("/peers: {} would be a model of a peer, and there is a model here with this id", id));
  }
}

// Of prompts and answers: it is no worker of Perch's own that could be told how many there may be.
bool counts_its_own_tokens(const Catalog& catalog, const std::string& id) {
  const auto model = catalog.models.find(id);
  return model == catalog.models.end() ? catalog.names_a_model(id) : model->second.command.has_value();
}

// What is written in vain: names that mean nothing now, though they may tomorrow (another tool may write them, or a disk
// come back), and limits that nobody holds.
void warn_of_vain_words(Catalog& catalog) {
  for (const auto& [role, terms] : catalog.role_terms) {
    const std::string pointer = "/roles/" + escape_pointer(role);
    const auto meant = catalog.roles.find(role);
    if (meant == catalog.roles.end()) {
      if (role != kActiveRole) catalog.warnings.push_back(std::format("{}: there is no such role in /models", pointer));
    } else if (terms.context_tokens > 0 && counts_its_own_tokens(catalog, meant->second)) {
      catalog.warnings.push_back(
          std::format("{}/context_tokens: nothing holds it for {}, which is run by a server of somebody else's", pointer, meant->second));
    }
    for (const std::string& id : terms.fallback) {
      if (!catalog.names_a_model(id))
        catalog.warnings.push_back(std::format("{}/fallback: there is no model {} (ids are expected, not roles)", pointer, id));
    }
  }
  for (const NamePattern& pattern : catalog.patterns) {
    if (pattern.role != kActiveRole && !catalog.roles.contains(pattern.role))
      catalog.warnings.push_back(
          std::format("/patterns/{}: there is no role {} in /models", escape_pointer(pattern.pattern), pattern.role));
  }
}

Result<Catalog> finish(Catalog catalog, const Problems& problems) {
  if (problems.empty()) return catalog;
  std::string all;
  for (const std::string& problem : problems) all += (all.empty() ? "" : "; ") + problem;
  return fail(ErrorKind::bad_request, "registry: " + all);
}

}  // namespace

Result<Catalog> read_catalog(std::string_view text, const fs::path& base, const fs::path& home) {
  auto json = common::parse_json(text);
  if (!json) return fail(ErrorKind::bad_request, "registry: " + json.error().message());
  if (!json->is_object()) return fail(ErrorKind::bad_request, "registry: the file must hold one JSON object");
  Catalog catalog;
  Problems problems;
  SectionReader top(*json, "", problems);
  if (top.has("models")) {
    SectionReader models = top.section("models");
    read_roles(models, catalog);
  }
  if (top.has("catalog")) {
    SectionReader entries = top.section("catalog");
    for (const std::string& id : entries.keys()) catalog.models[id] = read_model(entries.section(id), id, base, home);
  }
  if (top.has("policy")) read_policy(top.section("policy"), catalog.policy);
  if (top.has("server")) read_server(top.section("server"), catalog.server);
  for (SectionReader& entry : top.sections("model_dirs", "path")) {
    catalog.model_dirs.push_back(read_model_folder(entry));
    ModelFolder& folder = catalog.model_dirs.back();
    folder.path = absolute(folder.path.string(), base, home);
  }
  if (top.has("memory")) read_memory(top.section("memory"), catalog.memory);
  if (top.has("tiers")) catalog.tiers = read_tiers(top.section("tiers"));
  if (top.has("roles")) {
    SectionReader roles = top.section("roles");
    for (const std::string& role : roles.keys()) catalog.role_terms[role] = read_role(roles.section(role));
  }
  if (top.has("patterns")) {
    SectionReader patterns = top.section("patterns");
    for (const std::string& pattern : patterns.keys()) {
      NamePattern meant{.pattern = pattern, .role = patterns.text(pattern)};
      if (pattern.empty() || meant.role.empty()) patterns.refuse(pattern, "a pattern and its role must not be empty");
      catalog.patterns.push_back(std::move(meant));
    }
  }
  if (top.has("pinned")) {
    for (const std::string& id : top.texts("pinned")) catalog.pinned.insert(id);
  }
  if (top.has("peers")) read_peers(top.section("peers"), catalog, base, home);
  check_names(catalog, problems);
  return finish(std::move(catalog), problems);
}

Result<std::string> read_text(const fs::path& file) {
  auto text = common::read_file(file);
  if (!text) return fail(text.error().kind(), "registry: " + text.error().message());
  return text;
}

std::string digest_of(std::string_view text) {
  common::Xxh64 hash;
  hash.feed({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  return std::format("xxh64:{:016x}", hash.finish());
}

Result<Catalog> load_catalog(const fs::path& file, FactsReader& facts, const Catalog& before) {
  auto text = read_text(file);
  if (!text) return fail(text.error());
  return load_catalog(std::move(*text), file, facts, before);
}

Result<Catalog> load_catalog(std::string text, const fs::path& file, FactsReader& facts, const Catalog& before) {
  const char* home = std::getenv("HOME");
  auto catalog = read_catalog(text, fs::absolute(file).parent_path(), home ? home : "/");
  if (!catalog) return catalog;
  catalog->digest = digest_of(text);
  catalog->text = std::move(text);
  Discovery found = discover(catalog->model_dirs, facts, before);
  catalog->left_out = std::move(found.left_out);
  catalog->visited = std::move(found.visited);
  const std::vector<std::string> of_peers = catalog->peer_models();
  for (Model& model : found.models) {
    if (std::ranges::contains(of_peers, model.id))
      catalog->left_out.push_back({model.artifact, std::format("{} is a model of a peer", model.id)});
    else catalog->models.try_emplace(model.id, model);  // what is written in `catalog` wins
  }
  for (std::string& warning : found.warnings) catalog->warnings.push_back(std::move(warning));
  for (auto& [id, model] : catalog->models) look_at_files(model, facts, before);
  for (const std::string& id : catalog->pinned) {
    if (catalog->models.contains(id)) continue;
    catalog->warnings.push_back(std::format("/pinned: there is no model {} (ids are expected, not roles)", id));
  }
  for (Tier tier : kTiers) {
    for (const std::string& id : catalog->tiers.of(tier).models) {
      if (catalog->models.contains(id)) continue;
      catalog->warnings.push_back(std::format("/tiers/{}/models: there is no model {} (ids are expected, not roles)", to_string(tier), id));
    }
  }
  warn_of_vain_words(*catalog);
  Problems problems;
  check_names(*catalog, problems);
  for (std::string& problem : problems) catalog->warnings.push_back(std::move(problem));
  return catalog;
}

fs::path default_path() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  const char* home = std::getenv("HOME");
  fs::path base = config && *config ? fs::path(config) : fs::path(home ? home : "/") / ".config";
  return base / "ai-stack" / "registry.json";
}

}  // namespace registry
