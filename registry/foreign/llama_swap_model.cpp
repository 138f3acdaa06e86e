#include "registry/foreign/llama_swap_model.hpp"

#include <algorithm>
#include <cctype>
#include <format>

#include "common/names.hpp"
#include "common/worker_defaults.hpp"
#include "registry/foreign/container.hpp"
#include "registry/foreign/listen_port.hpp"
#include "registry/foreign/llama_server.hpp"
#include "registry/foreign/llama_swap_filters.hpp"

namespace registry::foreign {

using common::Json;

namespace {

constexpr std::int64_t kMostSeconds = 86'400;
constexpr std::int64_t kMostRequests = 100'000;
constexpr std::size_t kMostName = 64;

constexpr Absent kAbsent[] = {
    {"metadata", "nothing is passed through in /v1/models; say what people should know in `description`"},
    {"capabilities", "what a model can do is found in its file"},
    {"timeouts", "the connection to a server of this machine has no settings; requests wait at most policy.queue_timeout"},
    {"unloadTimeout", "`perch serve --stop-timeout SECONDS` says how long all of them get"},
    {"healthCheckTimeout", "a load may take as long as it gets on; `perch serve --load-stall SECONDS` says how long it may stand still"},
};
const std::vector<std::string> kKnown{"macros",
                                      "cmd",
                                      "cmdStop",
                                      "name",
                                      "description",
                                      "env",
                                      "proxy",
                                      "aliases",
                                      "checkEndpoint",
                                      "ttl",
                                      "useModelName",
                                      "filters",
                                      "concurrencyLimit",
                                      "sendLoadingState",
                                      "unlisted"};

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

class ModelImport {
 public:
  ModelImport(const Yaml::Entry& model, const Macros& global, const ImportOptions& options, Draft& draft)
      : model_(model), macros_(global), options_(options), draft_(draft) {}

  void run() {
    macros_.set({"MODEL_ID", model_.key, model_.key});
    if (const Yaml::Entry* own = find("macros")) add_macros(*own, key("macros"), macros_, draft_);
    look_at_keys();
    auto command = read_command();
    if (!command) return;
    Json entry = runtime_of(*command);
    add_rest(entry);
    if (const Yaml::Entry* filters = find("filters")) import_filters({model_, *filters, macros_}, entry, draft_);
    draft_.commands[model_.key] = std::move(*command);
    draft_.catalog[model_.key] = std::move(entry);
  }

 private:
  const Yaml::Entry* find(std::string_view name) const { return model_.value.find(name); }
  std::string key(std::string_view name) const { return std::format("models.{}.{}", model_.key, name); }
  void leave_out_model(int line, std::string_view name, const std::string& why) {
    draft_.leave_out(line, key(name), std::format("the whole model is left out: {}", why));
  }

  void look_at_keys() {
    for (const Yaml::Entry& entry : draft_.entries(model_, "models." + model_.key)) {
      if (std::ranges::contains(kKnown, entry.key)) continue;
      auto absent = std::ranges::find(kAbsent, entry.key, &Absent::key);
      if (absent != std::end(kAbsent)) draft_.leave_out(entry.line, key(entry.key), absent->instead);
      else draft_.leave_out(entry.line, key(entry.key), "llama-swap's key is not known here; " + hint(entry.key));
    }
  }
  static std::string hint(const std::string& name) {
    const std::string near = common::did_you_mean(common::nearest_names(name, kKnown, 1));
    return near.empty() ? "look whether its meaning is needed" : near;
  }

  // With macros and the environment in their places. `allowed`: what is filled in at run time. An Error's message says what is wrong.
  common::Result<std::string> expanded(const Yaml::Entry& entry, std::string text, const std::vector<std::string>& allowed) {
    text = macros_.expand(std::move(text));
    std::vector<std::string> variables;
    for (const std::string& name : macros_in(text)) {
      if (name.starts_with("env.")) variables.push_back(name.substr(4));
    }
    auto whole = expand_environment(std::move(text), options_.environment);
    if (!whole) return whole;
    for (const std::string& name : macros_in(*whole)) {
      if (!std::ranges::contains(allowed, name))
        return common::fail(common::ErrorKind::bad_request, std::format("there is no macro ${{{}}}", name));
    }
    if (!variables.empty())
      draft_.note(entry.line, key(entry.key), std::format("written with what is in the environment now: {}", joined(variables)));
    return whole;
  }
  // Of a key that one can do without: what cannot be expanded is left out.
  std::optional<std::string> text(std::string_view name) {
    const Yaml::Entry* entry = find(name);
    if (!entry) return std::nullopt;
    auto written = draft_.text(*entry, key(name));
    if (!written || written->empty()) return std::nullopt;
    auto whole = expanded(*entry, std::move(*written), {"PORT", "PID"});
    if (whole) return std::move(*whole);
    draft_.leave_out(entry->line, key(name), whole.error().message());
    return std::nullopt;
  }

  // --- the command ---

  std::optional<Words> read_command() {
    const Yaml::Entry* cmd = find("cmd");
    if (!cmd) return leave_out_model(model_.line, "cmd", "there is no command"), std::nullopt;
    auto written = draft_.text(*cmd, key("cmd"));
    if (!written) return std::nullopt;
    auto whole = expanded(*cmd, without_comments(*written), {"PORT"});
    if (!whole) {
      std::string why = whole.error().message();
      if (why.contains("secret")) why += "; start it through a script that reads it from a file";
      return leave_out_model(cmd->line, "cmd", why), std::nullopt;
    }
    auto command = split_command(*whole);
    if (!command) return leave_out_model(cmd->line, "cmd", command.error().message()), std::nullopt;
    if (is_in_a_container(*cmd, *command)) return std::nullopt;
    drop_keys(*cmd, *command);
    if (!settle_port(*cmd, *command)) return std::nullopt;
    return std::move(*command);
  }

  // Whatever it publishes: what listens is no process of the command's, which the daemon checks before it asks.
  bool is_in_a_container(const Yaml::Entry& cmd, const Words& command) {
    const std::string program = container_program(command);
    if (program.empty()) return false;
    const auto url = text("proxy"), name = text("useModelName");
    const std::string written = url ? address_of(*url).port : "${PORT}";
    leave_out_model(cmd.line, "cmd",
                    std::format("{} has another process open the port, and what runs in the container outlives the command; a server is "
                                "refused here whose own processes do not listen. Start it without a container, or keep the container "
                                "running and name it as a peer: "
                                "\"peers\": {{\"{}\": {{\"url\": \"http://127.0.0.1:{}\", \"models\": [\"{}\"]}}}}",
                                program, model_.key, written == "${PORT}" ? "PORT" : written, name ? *name : model_.key));
    return true;
  }

  // What a caller says to prove who he is does not travel, so a server that asks for it would refuse everybody; and no secret is written.
  void drop_keys(const Yaml::Entry& cmd, Words& command) {
    for (std::size_t i = 1; i < command.size();) {
      const std::string name = command[i].substr(0, command[i].find('='));
      const bool is_key = name == "--api-key" || name == "--api-key-file", is_token = name == "--hf-token" || name == "-hft";
      if (!is_key && !is_token) {
        ++i;
        continue;
      }
      draft_.leave_out(cmd.line, key("cmd"),
                       std::format("{}: {}", name,
                                   is_key ? "nobody reaches the server but through Perch, which passes no caller's key on"
                                          : "no secret is written; HF_TOKEN is passed on from where the daemon is started"));
      if (is_token) passed_.push_back("HF_TOKEN");
      const auto at = command.begin() + static_cast<std::ptrdiff_t>(i);
      const std::ptrdiff_t words = name.size() == command[i].size() ? 2 : 1;
      command.erase(at, at + std::min(words, command.end() - at));
    }
  }

  bool settle_port(const Yaml::Entry& cmd, Words& command) {
    const auto says_port = [](const std::string& word) { return word.contains("${PORT}"); };
    const bool is_free = std::ranges::any_of(command, says_port);
    const Yaml::Entry* proxy = find("proxy");
    const auto url = text("proxy");
    if (!proxy || !url) {
      if (!is_free) leave_out_model(cmd.line, "cmd", "it says no ${PORT}, and there is no `proxy`: nobody knows where it would listen");
      return is_free;
    }
    const Address address = address_of(*url);
    if (!is_this_machine(address.host) || address.scheme != "http") {
      leave_out_model(proxy->line, "proxy",
                      std::format("{} is not a port of this machine; what another machine serves belongs into `peers`", *url));
      return false;
    }
    if (!address.path.empty() && address.path != "/")
      draft_.leave_out(proxy->line, key("proxy"), std::format("the path {}: requests go to the server's own paths", address.path));
    if (address.port == "${PORT}" && !is_free)
      return leave_out_model(cmd.line, "cmd", "`proxy` says ${PORT} and the command does not"), false;
    if (address.port == "${PORT}") return true;
    if (is_free) {
      draft_.note(proxy->line, key("proxy"),
                  std::format("port {} is not used: the server is asked at the port that is filled in for ${{PORT}}", address.port));
      return true;
    }
    if (free_port(command, address.port)) {
      draft_.note(proxy->line, key("proxy"),
                  std::format("port {} became ${{PORT}}, here and in the command: each process gets a free one", address.port));
      return true;
    }
    leave_out_model(proxy->line, "proxy",
                    std::format("the command does not say port {} anywhere; write ${{PORT}} where it does", address.port));
    return false;
  }

  // --- how it is run ---

  Json runtime_of(const Words& command) {
    if (options_.embed) {
      if (auto entry = embedded(command)) return std::move(*entry);
    }
    Json entry{{"runtime", "command"}, {"command", command}};
    tell_relative_paths(command);
    if (embeds(command)) entry["purpose"] = common::to_string(purpose_of(command));
    if (is_llama_server(command)) {
      const std::uint64_t slots = std::min(served_shape(command).parallel, kMostParallel);
      if (slots != common::kDefaultSlots) entry["parallel"] = slots;
    }
    add_environment(entry);
    entry["ready_path"] = ready_path();
    if (auto stop = stop_command()) entry["stop_command"] = std::move(*stop);
    if (auto name = text("useModelName")) entry["served_model_name"] = std::move(*name);
    if (auto needed = options_.memory_mib ? options_.memory_mib(command) : std::nullopt) entry["memory_mib"] = *needed;
    else
      draft_.note(model_.line, "models." + model_.key,
                  "what it needs is not known: write it into `memory_mib`, so that it is only loaded where it fits");
    return entry;
  }

  void tell_relative_paths(const Words& command) {
    const Yaml::Entry* cmd = find("cmd");
    const auto is_absolute = [](const std::string& path) { return path.starts_with('/') || path.starts_with('~'); };
    if (command.front().contains('/') && !is_absolute(command.front()))
      draft_.note(cmd->line, key("cmd"), std::format("{} is looked for beside the registry", command.front()));
    if (const std::string file = model_file_of(command); !file.empty() && !is_absolute(file))
      draft_.note(cmd->line, key("cmd"), std::format("the server looks for {} from the folder in which the daemon is started", file));
  }

  std::optional<Json> embedded(const Words& command) {
    const Yaml::Entry* cmd = find("cmd");
    for (const char* name : {"env", "cmdStop"}) {
      const Yaml::Entry* entry = find(name);
      if (!entry || (entry->value.items.empty() && entry->value.text.empty())) continue;
      draft_.note(cmd->line, key("cmd"), std::format("it stays a command: {} has no counterpart with a worker of Perch's own", name));
      return std::nullopt;
    }
    auto entry = embedded_entry(command);
    if (!entry) {
      draft_.note(cmd->line, key("cmd"), std::format("it stays a command: {}", entry.error().message()));
      return std::nullopt;
    }
    const auto file = (*entry)["artifact"].get<std::string>();
    draft_.note(cmd->line, key("cmd"),
                file.starts_with('/') || file.starts_with('~')
                    ? "it is run by a worker of Perch's own; threads, layers on a GPU and the like are that one's choice"
                    : std::format("it is run by a worker of Perch's own; {} is looked for beside the registry", file));
    return std::move(*entry);
  }

  void add_environment(Json& entry) {
    Json environment = Json::object();
    if (const Yaml::Entry* env = find("env")) {
      for (const auto& [pair, line] : draft_.texts(*env, key("env"))) add_variable(pair, line, environment);
    }
    if (!environment.empty()) entry["environment"] = std::move(environment);
    if (!passed_.empty()) entry["pass_environment"] = passed_;
  }

  void add_variable(const std::string& pair, int line, Json& environment) {
    const std::string name = pair.substr(0, pair.find('='));
    const bool has_name = !name.empty() && std::ranges::all_of(name, is_name) && !std::isdigit(static_cast<unsigned char>(name.front()));
    if (!has_name || name.size() == pair.size()) return draft_.leave_out(line, key("env"), "NAME=value is expected");
    const std::string value = pair.substr(name.size() + 1);
    if (value == std::format("${{env.{}}}", name)) return passed_.push_back(name);
    if (looks_secret(name)) {
      passed_.push_back(name);
      return draft_.leave_out(
          line, key("env"),
          std::format("what {} holds looks like a secret, and none is written: it is passed on from where the daemon is started", name));
    }
    auto whole = expand_environment(value, options_.environment);
    if (whole) environment[name] = std::move(*whole);
    else
      draft_.leave_out(
          line, key("env"),
          std::format("{}: {}; set {} where the daemon is started and name it in `pass_environment`", name, whole.error().message(), name));
  }

  std::string ready_path() {
    const auto path = text("checkEndpoint");
    if (!path) return "/health";
    if (*path != "none") return path->starts_with('/') ? *path : "/" + *path;
    draft_.note(find("checkEndpoint")->line, key("checkEndpoint"),
                "a server must show that it is ready: /v1/models is asked, which each has");
    return "/v1/models";
  }

  std::optional<Json> stop_command() {
    const auto written = text("cmdStop");
    if (!written) return std::nullopt;
    auto words = split_command(*written);
    if (words) return Json(*words);
    draft_.leave_out(find("cmdStop")->line, key("cmdStop"), words.error().message());
    return std::nullopt;
  }

  // --- what holds for either runtime ---

  void add_rest(Json& entry) {
    const auto name = text("name"), description = text("description");
    if (description) entry["description"] = *description;
    else if (name) entry["description"] = *name;
    if (name && description) draft_.leave_out(find("name")->line, key("name"), "a model has an id and a description, and no third name");
    add_ttl(entry);
    if (const Yaml::Entry* limit = find("concurrencyLimit")) {
      const auto most = draft_.whole(*limit, key("concurrencyLimit"), 0);
      if (most && *most > 0) entry["max_requests"] = std::min(*most, kMostRequests);
    }
    add_aliases();
    tell_if_set("unlisted", "every model is listed in /v1/models");
    tell_if_set("sendLoadingState", "a stream that waits gets comments (: loading 37%), and no made-up thoughts");
  }

  void add_ttl(Json& entry) {
    const Yaml::Entry* ttl = find("ttl");
    if (!ttl) return;
    const auto seconds = draft_.whole(*ttl, key("ttl"), -1);
    if (!seconds || *seconds < 0 || (*seconds == 0 && draft_.usual_ttl == 0)) return;
    if (*seconds > kMostSeconds)
      draft_.note(ttl->line, key("ttl"), std::format("{} s became {}: a day is the most", *seconds, kMostSeconds));
    entry["idle_ttl"] = std::min(*seconds, kMostSeconds);
  }

  void add_aliases() {
    const Yaml::Entry* aliases = find("aliases");
    if (!aliases) return;
    if (aliases->value.kind != Yaml::Kind::list && aliases->value.kind != Yaml::Kind::null)
      draft_.refuse(aliases->line, key("aliases"), "a list is expected");
    for (const Yaml& item : aliases->value.items) {
      const Yaml::Entry* id = item.find("id");
      const std::string name = id ? id->value.text : item.text;
      if (name.empty()) draft_.refuse(item.line, key("aliases"), "a name is expected");
      else if (name != model_.key) draft_.aliases.push_back({name, model_.key, item.line, key("aliases")});
    }
  }

  void tell_if_set(const char* name, const char* instead) {
    const Yaml::Entry* entry = find(name);
    if (!entry) return;
    if (draft_.flag(*entry, key(name)).value_or(false)) draft_.leave_out(entry->line, key(name), instead);
  }

  const Yaml::Entry& model_;
  Macros macros_;
  const ImportOptions& options_;
  Draft& draft_;
  std::vector<std::string> passed_;  // from the daemon's environment
};

}  // namespace

void import_model(const Yaml::Entry& model, const Macros& global, const ImportOptions& options, Draft& draft) {
  ModelImport(model, global, options, draft).run();
}

void add_macros(const Yaml::Entry& entry, const std::string& key, Macros& macros, Draft& draft) {
  for (const Yaml::Entry& macro : draft.entries(entry, key)) {
    const auto is_part = [](char c) { return is_name(c) || c == '-'; };
    const bool has_name = !macro.key.empty() && macro.key.size() < kMostName && std::ranges::all_of(macro.key, is_part);
    if (!has_name || macro.key == "PORT" || macro.key == "MODEL_ID")
      draft.refuse(macro.line, key, std::format("\"{}\" is no name for a macro", macro.key.substr(0, 100)));
    else if (auto text = draft.text(macro, key + "." + macro.key)) macros.set({macro.key, std::move(*text), json_of(macro.value)});
  }
}

}  // namespace registry::foreign
