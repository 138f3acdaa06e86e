#include "proxy/cli/registry_verbs.hpp"

#include <chrono>
#include <cstdint>
#include <format>
#include <iostream>
#include <memory>
#include <optional>

#include "common/state_files.hpp"
#include "proxy/cli/outcome.hpp"
#include "registry/history.hpp"
#include "registry/plan.hpp"
#include "registry/registry_file.hpp"
#include "registry/registry_writer.hpp"
#include "registry/text_edit.hpp"

namespace proxy::cli {
namespace {

namespace fs = std::filesystem;
using common::Error;
using common::ErrorKind;
using common::fail;
using common::Json;
using common::Result;

struct Options {
  std::string registry;  // empty: the daemon's, or the usual one
  std::string file;
  std::optional<std::uint64_t> first, second;
  std::string role, model;
  bool json = false, exit_code = false, when_idle = false, after_load = false, force = false, no_wait = false;
};

// Which registry is meant, and the daemon that serves it, if one does.
struct Place {
  fs::path file;
  fs::path history;
  bool served = false;
};

std::string target(const Json& id, const char* missing = "nothing") { return id.is_string() ? id.get<std::string>() : missing; }

int complain_of_file(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::io: return complain(error.message(), kNoInput);
    case ErrorKind::bad_request: return complain(error.message(), kBadData);
    default: return complain(error.message());
  }
}

int complain_of_writing(const Error& error) {
  return error.kind() == ErrorKind::io ? complain(error.message(), kCannotWrite) : complain_of_file(error);
}

Place locate(const DaemonClient& daemon, const Options& options) {
  const fs::path named = options.registry.empty() ? fs::path() : fs::absolute(options.registry).lexically_normal();
  const auto of_the_state_folder = [](const fs::path& file) { return registry::history_folder(common::state_folder(), file); };
  if (auto answer = daemon.get("/admin/v1/status"); answer && answer->contains("registry")) {
    const Json& served = (*answer)["registry"];
    const fs::path file = fs::path(served["file"].get<std::string>()).lexically_normal();
    if (named.empty() || named == file)
      return {.file = file, .history = fs::path(target(served.value("history", Json(nullptr)), "")), .served = true};
  }
  const fs::path file = named.empty() ? registry::default_path() : named;
  return {.file = file, .history = of_the_state_folder(file)};
}

Result<registry::Catalog> catalog_of(std::string text, const fs::path& file) {
  registry::FactsReader facts;
  return registry::load_catalog(std::move(text), file, facts);
}

std::string shown(const Json& change, const char* side) { return change.contains(side) ? change[side].dump() : "(not there)"; }

void print_changes(const Json& changes, const char* label) {
  for (const Json& change : changes) {
    std::cout << std::format("{:<10} {}: {} -> {}\n", label, change["pointer"].get<std::string>(), shown(change, "before"),
                             shown(change, "after"));
  }
}

std::string memory_of(const Json& entry) {
  auto memory = entry.find("memory");
  if (memory == entry.end() || memory->is_null()) return "";
  return (*memory)["fits"].get<bool>() ? "" : "; it does not fit into memory";
}

void print_model(const Json& model) {
  const std::string fate = model["fate"];
  std::string line = std::format("{:<10} {} {}", "model", model["id"].get<std::string>(), fate);
  if (model["file_changed"].get<bool>()) line += ", its file is another";
  if (fate != "added" && model["worker_leaves"].get<bool>()) {
    const bool runs = model.value("runs", false);
    line += runs ? "; it runs now and leaves when its requests are done" : "; a worker of it would leave when its requests are done";
  } else if (fate == "changed") {
    line += "; a worker of it goes on";
  }
  std::cout << line << memory_of(model) << '\n';
  if (fate == "changed") print_changes(model["keys"], "");
}

void print_plan(const Json& plan) {
  for (const Json& model : plan["models"]) print_model(model);
  for (const Json& role : plan["roles"]) {
    std::cout << std::format("{:<10} {}: {} -> {}{}\n", "role", role["role"].get<std::string>(), target(role["before"]),
                             target(role["after"]), memory_of(role));
  }
  print_changes(plan["settings"], "setting");
  for (const Json& key : plan["foreign"]) std::cout << std::format("{:<10} {} (another tool's)\n", "foreign", key.get<std::string>());
  for (const Json& unknown : plan["unknown_targets"]) {
    std::cout << std::format("{:<10} role {} points at {}, and no model has that id", "unknown", unknown["role"].get<std::string>(),
                             unknown["id"].get<std::string>());
    if (!unknown["nearest"].empty()) std::cout << "; did you mean " << unknown["nearest"][0].get<std::string>() << '?';
    std::cout << '\n';
  }
  for (const Json& warning : plan["warnings"]) std::cout << std::format("{:<10} {}\n", "warning", warning.get<std::string>());
  if (plan["needs_restart"].get<bool>())
    std::cout << std::format("{:<10} server.listen holds from the next start of the daemon on\n", "restart");
  if (plan.value("resident_leaves", false))
    std::cout << std::format("{:<10} {} is resident and has to leave for it\n", "resident", target(plan["resident"]));
  if (!plan["changes"].get<bool>()) std::cout << "nothing would change\n";
}

int check(const DaemonClient& daemon, const Options& options) {
  const fs::path file = options.file.empty() ? locate(daemon, options).file : fs::path(options.file);
  Json json{{"file", file.string()}, {"good", false}};
  auto text = registry::read_text(file);
  auto catalog = text ? catalog_of(*text, file) : Result<registry::Catalog>(fail(text.error()));
  if (!catalog) {
    json["error"] = catalog.error().message();
    if (options.json) print_json(json);
    return complain_of_file(catalog.error());
  }
  const registry::Plan plan = registry::plan_of({}, *catalog);
  json["good"] = true;
  json["digest"] = catalog->digest;
  json["models"] = catalog->models.size();
  json["roles"] = catalog->roles.size();
  json["unknown_targets"] = registry::plan_json(plan)["unknown_targets"];
  json["warnings"] = catalog->warnings;
  if (options.json) return print_json(json);
  std::cout << std::format("{} is good: {} models, {} roles, {}\n", file.string(), catalog->models.size(), catalog->roles.size(),
                           catalog->digest);
  for (const registry::UnknownTarget& unknown : plan.unknown_targets)
    std::cout << std::format("{:<10} role {} points at {}, and no model has that id\n", "unknown", unknown.role, unknown.id);
  for (const std::string& warning : catalog->warnings) std::cout << std::format("{:<10} {}\n", "warning", warning);
  return 0;
}

// Compared with the last good text, by ourselves: nobody serves this registry now.
Result<Json> plan_alone(const Place& place, const std::string& text) {
  auto after = catalog_of(text, place.file);
  if (!after) return fail(after.error());
  const auto entries = registry::History(place.history).list();
  Json against = nullptr;
  registry::Catalog before;
  if (!entries.empty()) {
    auto old = registry::History::text_of(entries.back());
    if (!old) return fail(old.error());
    auto catalog = catalog_of(std::move(*old), place.file);
    if (!catalog) return fail(catalog.error());
    before = std::move(*catalog);
    against = entries.back().last;
  }
  Json json = registry::plan_json(registry::plan_of(before, *after));
  json["file"] = place.file.string();
  json["generation"] = against;
  return json;
}

int plan(const DaemonClient& daemon, const Options& options) {
  const Place place = locate(daemon, options);
  auto text = registry::read_text(options.file.empty() ? place.file : fs::path(options.file));
  if (!text) return complain_of_file(text.error());
  Result<Json> planned;
  if (place.served) {
    planned = daemon.post("/admin/v1/registry/reload?dry_run=true", common::dump_json({{"text", *text}}));
    if (!planned) return complain(planned.error().message(), kBadData);
  } else {
    planned = plan_alone(place, *text);
    if (!planned) return complain_of_file(planned.error());
  }
  (*planned)["against"] = place.served ? "daemon" : (*planned)["generation"].is_null() ? "nothing" : "history";
  const int status = options.exit_code && (*planned)["changes"].get<bool>() ? kDiffers : 0;
  if (options.json) return print_json(*planned), status;
  if (place.served)
    std::cout << std::format("against generation {}, which the daemon at {} has in force\n", (*planned)["generation"].dump(), daemon.url());
  else if ((*planned)["generation"].is_null())
    std::cout << "no daemon serves this registry and no good text of it is kept: against nothing\n";
  else
    std::cout << std::format("no daemon serves this registry: against generation {}, the last good one\n", (*planned)["generation"].dump());
  print_plan(*planned);
  return status;
}

int show_history(const DaemonClient& daemon, const Options& options) {
  const Place place = locate(daemon, options);
  const auto entries = registry::History(place.history).list();
  Json list = Json::array();
  for (const auto& entry : entries) {
    list.push_back({{"generation", entry.last},
                    {"first_generation", entry.first},
                    {"time", std::format("{:%FT%TZ}", entry.time)},
                    {"digest", entry.digest},
                    {"file", entry.file.string()}});
  }
  if (options.json) return print_json({{"registry", place.file.string()}, {"kept", list}});
  if (entries.empty()) return std::cout << std::format("nothing is kept yet of {}\n", place.file.string()), 0;
  std::cout << std::format("{:<12} {:<19}  {}\n", "GENERATION", "SINCE (UTC)", "DIGEST");
  for (const auto& entry : entries) {
    const std::string generations = entry.first == entry.last ? std::to_string(entry.last) : std::format("{}-{}", entry.first, entry.last);
    std::cout << std::format("{:<12} {:%F %T}  {}\n", generations, std::chrono::floor<std::chrono::seconds>(entry.time), entry.digest);
  }
  return 0;
}

Result<std::string> text_at(const Place& place, std::uint64_t generation) {
  auto entry = registry::History(place.history).at(generation);
  if (!entry) return fail(entry.error());
  return registry::History::text_of(*entry);
}

int diff(const DaemonClient& daemon, const Options& options) {
  const Place place = locate(daemon, options);
  const auto entries = registry::History(place.history).list();
  if (entries.empty()) return complain(std::format("nothing is kept yet of {}", place.file.string()), kNoInput);
  auto before = text_at(place, options.first.value_or(entries.back().last));
  if (!before) return complain_of_file(before.error());
  auto after = options.second ? text_at(place, *options.second) : registry::read_text(place.file);
  if (!after) return complain_of_file(after.error());
  auto old_document = common::parse_json(*before), new_document = common::parse_json(*after);
  if (!old_document) return complain_of_file(old_document.error());
  if (!new_document) return complain_of_file(new_document.error());
  const auto changes = registry::differences(*old_document, *new_document);
  const Json json = registry::changes_json(changes);
  if (options.json) print_json(json);
  else
    for (const Json& change : json)
      std::cout << std::format("{}: {} -> {}\n", change["pointer"].get<std::string>(), shown(change, "before"), shown(change, "after"));
  if (!options.json && changes.empty()) std::cout << (*before == *after ? "they are the same\n" : "they say the same\n");
  return options.exit_code && !changes.empty() ? kDiffers : 0;
}

int rollback(const DaemonClient& daemon, const Options& options) {
  const Place place = locate(daemon, options);
  auto old = text_at(place, *options.first);
  if (!old) return complain_of_file(old.error());
  auto written = registry::edit_registry(place.file, [&](const std::optional<std::string>& text) -> Result<std::string> {
    auto restored = registry::restore_sections(text.value_or(""), *old);
    if (!restored) return restored;
    auto catalog = catalog_of(*restored, place.file);
    if (!catalog) return fail(catalog.error());
    return restored;
  });
  if (!written) return complain_of_writing(written.error());
  Json json{{"file", written->target.string()},
            {"outcome", written->before == written->after ? "was so already" : "rolled back"},
            {"to", *options.first},
            {"generation", nullptr},
            {"digest", registry::digest_of(written->after)}};
  if (place.served) {
    auto reloaded = daemon.post("/admin/v1/registry/reload", "");
    if (!reloaded) return complain(daemon, reloaded.error());
    json["generation"] = (*reloaded)["generation"];
  }
  if (options.json) return print_json(json);
  std::cout << std::format("{}: {}", json["file"].get<std::string>(), json["outcome"].get<std::string>());
  if (place.served) std::cout << std::format("; in force as generation {}\n", json["generation"].dump());
  else std::cout << "; no daemon serves it now\n";
  return 0;
}

int use(const DaemonClient& daemon, const Options& options) {
  Json outcome;
  if (options.registry.empty()) {
    const Json body{
        {"model", options.model}, {"when_idle", options.when_idle}, {"after_load", options.after_load}, {"force", options.force}};
    auto answer =
        daemon.put("/admin/v1/roles/" + percent_encode(options.role) + (options.no_wait ? "?wait=false" : ""), common::dump_json(body));
    if (!answer) return complain(daemon, answer.error());
    outcome = std::move(*answer);
  } else {
    registry::FactsReader facts;
    auto written = registry::write_role(fs::absolute(options.registry), options.role, options.model, options.force, facts);
    if (!written) return complain_of_writing(written.error());
    outcome = {{"role", options.role},
               {"model", options.model},
               {"before", written->before ? Json(*written->before) : Json(nullptr)},
               {"outcome", written->written ? "repointed" : "was so already"}};
  }
  if (options.json) return print_json(outcome);
  std::cout << std::format("{}: {}", options.role, outcome["outcome"].get<std::string>());
  if (outcome.contains("before")) std::cout << std::format(", {} -> {}", target(outcome["before"]), options.model);
  if (outcome.contains("generation")) std::cout << std::format(" (generation {})", outcome["generation"].dump());
  std::cout << '\n';
  return 0;
}

}  // namespace

void add_registry_verbs(CLI::App& app, std::string& url, int& status) {
  auto options = std::make_shared<Options>();
  const auto with_url = [&url](CLI::App* verb) {
    verb->add_option("--url", url, "The daemon's address (default: $PERCH_URL or http://127.0.0.1:11434)");
  };

  auto* registry_verb = app.add_subcommand("registry", "Check, plan and bring back what the registry says");
  registry_verb->require_subcommand(1);
  const auto verb = [&, options](const char* name, const char* what, int (*act)(const DaemonClient&, const Options&)) {
    auto* added = registry_verb->add_subcommand(name, what);
    with_url(added);
    added
        ->add_option("--registry", options->registry,
                     "The registry file (default: the running daemon's, or ~/.config/ai-stack/registry.json)")
        ->envname("PERCH_REGISTRY");
    added->add_flag("--json", options->json, "As JSON");
    added->callback([&url, &status, options, act] { status = act(DaemonClient(url), *options); });
    return added;
  };
  verb("check", "Say whether a file is a good registry (exit status 65 when it is not)", check)
      ->add_option("file", options->file, "The file (default: the registry's)");
  auto* plan_verb = verb("plan", "Say what would change if a file were the registry; changes nothing", plan);
  plan_verb->add_option("file", options->file, "The file (default: the registry's, as it is now)");
  plan_verb->add_flag("--exit-code", options->exit_code, "Exit status 2 when something would change");
  verb("history", "List the good texts that are kept", show_history);
  auto* diff_verb =
      verb("diff", "Say what the file, or another generation, says differently from a generation (default: the newest kept)", diff);
  diff_verb->add_option("a", options->first, "A generation");
  diff_verb->add_option("b", options->second, "Another one (default: the file as it is now)");
  diff_verb->add_flag("--exit-code", options->exit_code, "Exit status 2 when something differs");
  verb("rollback", "Write the registry as it was; what belongs to other tools stays as it is", rollback)
      ->add_option("generation", options->first, "The generation that is brought back")
      ->required();

  auto* use_verb = app.add_subcommand("use", "Have a role mean another model: one line of the registry");
  with_url(use_verb);
  use_verb->add_option("role", options->role, "The role")->required();
  use_verb->add_option("model", options->model, "The id of a model")->required();
  auto* when_idle = use_verb->add_flag("--when-idle", options->when_idle, "Once nobody runs or waits on what the role means now");
  auto* after_load = use_verb->add_flag("--after-load", options->after_load, "Once the model is ready; not at all if it does not load");
  use_verb->add_flag("--force", options->force, "Also when no model has this id");
  auto* no_wait = use_verb->add_flag("--no-wait", options->no_wait, "Do not wait until it is done");
  auto* by_file = use_verb->add_option("--registry", options->registry, "Edit this file, without a daemon");
  for (auto* other : {when_idle, after_load, no_wait}) by_file->excludes(other);
  use_verb->add_flag("--json", options->json, "As JSON");
  use_verb->callback([&url, &status, options] { status = use(DaemonClient(url), *options); });
}

}  // namespace proxy::cli
