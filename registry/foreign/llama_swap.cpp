#include "registry/foreign/llama_swap.hpp"

#include <algorithm>
#include <cctype>
#include <format>
#include <limits>
#include <utility>

#include "registry/foreign/draft.hpp"
#include "registry/foreign/llama_swap_filters.hpp"
#include "registry/foreign/llama_swap_groups.hpp"
#include "registry/foreign/llama_swap_model.hpp"
#include "registry/peer_entry.hpp"

namespace registry::foreign {

using common::ErrorKind;
using common::fail;
using common::Json;
using common::Result;

namespace {

constexpr int kMostPriority = 100;
constexpr std::int64_t kMostSeconds = 86'400;

constexpr Absent kAbsent[] = {
    {"healthCheckTimeout", "a load may take as long as it gets on; `perch serve --load-stall SECONDS` says how long it may stand still"},
    {"unloadTimeout", "`perch serve --stop-timeout SECONDS` says how long a process gets to exit"},
    {"logLevel", "`perch serve --log-level LEVEL`"},
    {"logTimeFormat", "the log has one form of time; `perch serve --log-format json` is for programs"},
    {"logToStdout", "the log goes to standard error, what the servers say with it"},
    {"metricsMaxInMemory", "what is kept of requests and swaps is bounded without a setting (GET /metrics, GET /admin/v1/swaps)"},
    {"captureBuffer", "requests and answers are never kept"},
    {"store", "no request is kept; GET /metrics has the sums"},
    {"ui", "there is no page that it could be for"},
    {"performance", "GET /metrics and GET /admin/v1/memory say what there is to know"},
    {"startPort", "each process gets a free port for ${PORT}"},
    {"profiles", "a role is repointed instead: one line of `models`, at any time"},
    {"upstream", "there is no way past Perch to a server"},
};

class SwapImport {
 public:
  explicit SwapImport(const ImportOptions& options) : options_(options) {}

  Result<Imported> run(const Yaml& root) {
    if (root.kind != Yaml::Kind::map) return fail(ErrorKind::bad_request, "line 1: a mapping with `models` is expected");
    if (const Yaml::Entry* ttl = root.find("globalTTL")) read_usual_ttl(*ttl);
    if (const Yaml::Entry* macros = root.find("macros")) add_macros(*macros, "macros", macros_, draft_);
    const Yaml::Entry* models = root.find("models");
    if (!models) draft_.refuse(1, "models", "they are missing");
    if (models) {
      draft_.note(models->line, "models",
                  "the servers get little of the daemon's environment: name what they need in `pass_environment`; each is sent four "
                  "requests at a time, unless its command says otherwise: `parallel`");
      for (const Yaml::Entry& model : draft_.entries(*models, "models")) import_model(model, macros_, options_, draft_);
    }
    // What names models comes after them.
    for (const Yaml::Entry& entry : root.entries) read_top(entry);
    Json roles = settle_roles();
    if (const Yaml::Entry* hooks = root.find("hooks")) read_hooks(*hooks, roles);
    if (!draft_.problems.empty()) return fail(ErrorKind::bad_request, all_problems());
    return finish(std::move(roles));
  }

 private:
  void read_usual_ttl(const Yaml::Entry& entry) {
    draft_.usual_ttl = draft_.whole(entry, "globalTTL", 0).value_or(0);
    if (draft_.usual_ttl > kMostSeconds)
      draft_.note(entry.line, "globalTTL", std::format("{} s became {}: a day is the most", draft_.usual_ttl, kMostSeconds));
    if (draft_.usual_ttl > 0) draft_.policy["idle_ttl"] = std::min(draft_.usual_ttl, kMostSeconds);
  }

  void read_top(const Yaml::Entry& entry) {
    const std::string& key = entry.key;
    if (key == "models" || key == "macros" || key == "globalTTL" || key == "hooks") return;
    if (key == "groups") return import_groups(entry, key, draft_);
    if (key == "matrix") return import_matrix(entry, key, draft_);
    if (key == "routing") return read_routing(entry);
    if (key == "peers") return read_peers(entry);
    if (key == "apiKeys") return read_keys(entry);
    if (key == "sendLoadingState")
      return tell_if(entry, true, "a stream that waits gets comments (: loading 37%), and no made-up thoughts");
    if (key == "includeAliasesInList") return tell_if(entry, false, "roles are always listed in /v1/models");
    auto absent = std::ranges::find(kAbsent, key, &Absent::key);
    draft_.leave_out(
        entry.line, key,
        absent != std::end(kAbsent) ? absent->instead : "llama-swap's key is not known here; look whether its meaning is needed");
  }

  void tell_if(const Yaml::Entry& entry, bool value, const char* instead) {
    if (draft_.flag(entry, entry.key).value_or(!value) == value) draft_.leave_out(entry.line, entry.key, instead);
  }

  // --- the newer place of groups, matrix and priorities ---

  void read_routing(const Yaml::Entry& routing) {
    for (const Yaml::Entry& part : draft_.entries(routing, "routing")) {
      if (part.key == "router") read_router(part);
      else if (part.key == "scheduler") read_scheduler(part);
      else draft_.leave_out(part.line, "routing." + part.key, "llama-swap's key is not known here");
    }
  }

  void read_router(const Yaml::Entry& router) {
    const Yaml::Entry *use = router.value.find("use"), *settings = router.value.find("settings");
    if (!settings) return;
    const std::string used = use ? use->value.text : "group";
    const Yaml::Entry *groups = settings->value.find("groups"), *matrix = settings->value.find("matrix");
    if (groups && used == "group") import_groups(*groups, "routing.router.settings.groups", draft_);
    if (matrix && used == "matrix") import_matrix(*matrix, "routing.router.settings.matrix", draft_);
  }

  void read_scheduler(const Yaml::Entry& scheduler) {
    const std::string key = "routing.scheduler.settings.fifo.priority";
    const Yaml* at = &scheduler.value;
    const Yaml::Entry* priority = nullptr;
    for (const char* step : {"settings", "fifo", "priority"}) {
      priority = at->find(step);
      if (!priority) return;
      at = &priority->value;
    }
    for (const Yaml::Entry& entry : draft_.entries(*priority, key)) {
      const std::string id = draft_.model_called(entry.key);
      const auto number = draft_.whole(entry, key + "." + entry.key, std::numeric_limits<std::int64_t>::min());
      if (!number) continue;
      if (id.empty()) draft_.leave_out(entry.line, key + "." + entry.key, "there is no such model");
      else
        prioritize(entry, key + "." + entry.key, id, std::clamp<std::int64_t>(*number, -kMostPriority, kMostPriority) != *number, *number);
    }
  }

  // Priorities belong to roles, so the id becomes one of itself, and its aliases get the same.
  void prioritize(const Yaml::Entry& entry, const std::string& key, const std::string& id, bool is_beyond, std::int64_t number) {
    const auto within = std::clamp<std::int64_t>(number, -kMostPriority, kMostPriority);
    if (is_beyond) draft_.note(entry.line, key, std::format("{} became {}: -100 to 100 is what there is", number, within));
    draft_.policy["priorities"][id] = within;
    draft_.self_roles.push_back(id);
    for (const Alias& alias : draft_.aliases) {
      if (alias.id == id) draft_.policy["priorities"][alias.name] = within;
    }
  }

  // --- peers and keys ---

  void read_keys(const Yaml::Entry& entry) {
    const std::size_t count = draft_.texts(entry, "apiKeys").size();
    if (count == 0) return;
    draft_.leave_out(
        entry.line, "apiKeys",
        std::format(
            "{} keys, which are not copied: there are none yet, and an address beyond this machine is refused without --insecure; put a "
            "server in front that asks for them (docs/fronts.md)",
            count));
  }

  void read_peers(const Yaml::Entry& peers) {
    for (const Yaml::Entry& peer : draft_.entries(peers, "peers")) read_peer(peer, "peers." + peer.key);
  }

  void read_peer(const Yaml::Entry& peer, const std::string& key) {
    Json entry = Json::object();
    const Yaml::Entry *proxy = peer.value.find("proxy"), *models = peer.value.find("models");
    auto url = proxy ? draft_.text(*proxy, key + ".proxy") : std::nullopt;
    auto whole = url ? expand_environment(macros_.expand(*url), options_.environment) : fail(ErrorKind::bad_request, "there is no address");
    std::string why = registry::problem_with_peer_name(peer.key);
    if (!whole) why = whole.error().message();
    else if ((!whole->starts_with("http://") && !whole->starts_with("https://")) || whole->contains('@'))
      why = "an address with http:// or https:// and without a password is expected";
    if (!why.empty())
      return draft_.leave_out(proxy ? proxy->line : peer.line, key + ".proxy", std::format("the whole peer is left out: {}", why));
    while (whole->ends_with('/')) whole->pop_back();
    entry["url"] = *whole;
    for (const Yaml::Entry& part : draft_.entries(peer, key)) read_peer_part(part, key, peer.key, entry);
    if (!models) draft_.refuse(peer.line, key, "`models` is missing");
    draft_.peers[peer.key] = std::move(entry);
  }

  void read_peer_part(const Yaml::Entry& part, const std::string& peer_key, const std::string& name, Json& entry) {
    const std::string key = peer_key + "." + part.key;
    if (part.key == "proxy") return;
    if (part.key == "models") return read_peer_models(part, key, name, entry);
    if (part.key == "apiKey") return read_peer_key(part, key, name, entry);
    if (part.key == "timeouts") return read_peer_timeouts(part, key, entry);
    if (part.key == "filters") return import_peer_filters(part, key, macros_, entry, draft_);
    draft_.leave_out(part.line, key, "llama-swap's key is not known here");
  }

  // Its models have the peer's name before theirs; the names that people use now become roles.
  void read_peer_models(const Yaml::Entry& part, const std::string& key, const std::string& peer, Json& entry) {
    Json models = Json::array();
    for (auto& [model, line] : draft_.texts(part, key)) {
      draft_.aliases.push_back({model, peer + "/" + model, line, key});
      models.push_back(std::move(model));
    }
    entry["models"] = std::move(models);
  }

  void read_peer_key(const Yaml::Entry& part, const std::string& key, const std::string& peer, Json& entry) {
    const auto value = draft_.text(part, key);
    if (!value || value->empty()) return;
    std::string file = peer;
    std::ranges::replace_if(file, [](unsigned char c) { return !std::isalnum(c) && c != '-' && c != '_' && c != '.'; }, '_');
    entry["key_file"] = std::format("keys/{}.key", file);
    draft_.leave_out(
        part.line, key,
        std::format("the key is not copied: write it into keys/{}.key beside the registry, readable by you alone (chmod 600)", file));
  }

  void read_peer_timeouts(const Yaml::Entry& part, const std::string& key, Json& entry) {
    for (const Yaml::Entry& timeout : draft_.entries(part, key)) {
      const auto seconds = draft_.whole(timeout, key + "." + timeout.key, 0);
      if (!seconds) continue;
      if (timeout.key == "connect" && *seconds > 0) entry["connect_timeout"] = *seconds;
      else draft_.leave_out(timeout.line, key + "." + timeout.key, "a peer has `connect_timeout` and `timeout`, and none like it");
    }
  }

  // --- names ---

  Json settle_roles() {
    Json roles = Json::object();
    for (const Alias& alias : draft_.aliases) {
      const bool is_there = draft_.catalog.contains(alias.id) || is_of_a_peer(alias.id);
      if (!is_there) continue;  // its model was left out, and that was said
      if (draft_.catalog.contains(alias.name))
        draft_.leave_out(alias.line, alias.key,
                         std::format("\"{}\" is the id of a model, so it cannot stand for {}", alias.name, alias.id));
      else if (roles.contains(alias.name))
        draft_.leave_out(alias.line, alias.key,
                         std::format("\"{}\" stands for {} already", alias.name, roles[alias.name].get<std::string>()));
      else roles[alias.name] = alias.id;
    }
    for (const std::string& id : draft_.self_roles) {
      if (draft_.catalog.contains(id)) roles[id] = id;
    }
    return roles;
  }

  bool is_of_a_peer(const std::string& id) const {
    for (const auto& [peer, entry] : draft_.peers.items()) {
      if (id.starts_with(peer + "/")) return true;
    }
    return false;
  }

  void read_hooks(const Yaml::Entry& hooks, Json& roles) {
    for (const Yaml::Entry& hook : draft_.entries(hooks, "hooks")) {
      if (hook.key != "on_startup") {
        draft_.leave_out(hook.line, "hooks." + hook.key, "there are no hooks");
        continue;
      }
      for (const Yaml::Entry& action : draft_.entries(hook, "hooks.on_startup")) {
        if (action.key == "preload") read_preload(action, roles);
        else draft_.leave_out(action.line, "hooks.on_startup." + action.key, "there are no hooks");
      }
    }
  }

  void read_preload(const Yaml::Entry& preload, Json& roles) {
    const std::string key = "hooks.on_startup.preload";
    for (const auto& [name, line] : draft_.texts(preload, key)) {
      const std::string id = draft_.model_called(name);
      if (id.empty()) draft_.leave_out(line, key, std::format("there is no model {}", name));
      else if (std::ranges::contains(draft_.pinned, id))
        draft_.note(line, key, std::format("{} is pinned, and loaded when the daemon starts", id));
      else if (roles.contains("default"))
        draft_.leave_out(line, key, std::format("{}: one model is resident at a time, and nothing is loaded before it is asked for", id));
      else {
        roles["default"] = id;
        draft_.note(line, key,
                    std::format("{} is now the role default; nothing is loaded before it is asked for (`perch load default` asks)", id));
      }
    }
  }

  // --- the end ---

  // As much as they need together, where that is more than they get by themselves.
  Json room_for_pinned() {
    std::uint64_t needed = 0;
    for (const std::string& id : draft_.pinned) needed += draft_.catalog[id].value("memory_mib", std::uint64_t{0});
    if (needed <= Memory{}.pinned_bytes >> 20) return Json::object();
    draft_.note(1, "models",
                std::format("the pinned models may hold {} MiB (memory.pinned_mib), which is what they need together", needed));
    return {{"pinned_mib", needed}};
  }


  std::string all_problems() const {
    std::string all;
    for (const std::string& problem : draft_.problems) all += (all.empty() ? "" : "; ") + problem;
    return all;
  }

  Imported finish(Json roles) {
    for (const auto& [role, settings] : std::exchange(draft_.role_settings, Json::object()).items()) {
      if (roles.contains(role)) draft_.role_settings[role] = settings;
    }
    if (!roles.contains("default") && draft_.catalog.size() == 1) roles["default"] = draft_.catalog.items().begin().key();
    else if (!roles.contains("default"))
      draft_.note(1, "models", "no role is called default: requests that name no model are refused until one is");
    Json memory = room_for_pinned();
    Json registry{{"models", std::move(roles)}};
    const auto add = [&registry](const char* key, Json section) {
      if (!section.empty()) registry[key] = std::move(section);
    };
    add("roles", std::move(draft_.role_settings));
    add("catalog", std::move(draft_.catalog));
    add("policy", std::move(draft_.policy));
    add("memory", std::move(memory));
    add("pinned", std::move(draft_.pinned));
    add("peers", std::move(draft_.peers));
    std::ranges::stable_sort(draft_.remarks, {}, &Remark::line);
    return {.registry = std::move(registry), .remarks = std::move(draft_.remarks)};
  }

  const ImportOptions& options_;
  Macros macros_;
  Draft draft_;
};

}  // namespace

Result<Imported> import_llama_swap(std::string_view text, const ImportOptions& options) {
  auto yaml = parse_yaml(text);
  if (!yaml) return fail(yaml.error());
  return SwapImport(options).run(*yaml);
}

}  // namespace registry::foreign
