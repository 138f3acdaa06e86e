#include "proxy/cli/cli.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <format>
#include <iostream>
#include <iterator>
#include <set>

#include "proxy/cli/active_verb.hpp"
#include "proxy/cli/completion.hpp"
#include "proxy/cli/doctor.hpp"
#include "proxy/cli/exit_codes.hpp"
#include "proxy/cli/import.hpp"
#include "proxy/cli/inspect.hpp"
#include "proxy/cli/log_verb.hpp"
#include "proxy/cli/manual.hpp"
#include "proxy/cli/registry_verbs.hpp"
#include "proxy/cli/verbs.hpp"

namespace proxy::cli {
namespace {

std::string exit_code_text() {
  std::string text = "Exit status:\n";
  for (const ExitCode& each : exit_codes()) text += std::format("{} {}\n", each.code, each.meaning);
  return text;
}

int print_completion(const CLI::App& app, const std::string& shell) {
  const VerbOutline outline = outline_of(app);
  std::cout << (shell == "bash" ? bash_completion(outline) : shell == "zsh" ? zsh_completion(outline) : fish_completion(outline));
  return 0;
}

int print_manual(const CLI::App& app) {
  std::cout << manual_page(outline_of(app), exit_codes(), PERCH_VERSION);
  return 0;
}

constexpr const char* kUsualUrl = "http://127.0.0.1:11434";

std::string default_url() {
  const char* url = std::getenv("PERCH_URL");
  return url && *url ? url : kUsualUrl;
}

void add_shape_options(CLI::App& verb, registry::RunShape& shape) {
  const std::set<std::string> cache_types(std::begin(common::kCacheTypes), std::end(common::kCacheTypes));
  verb.add_option("--context", shape.context_tokens, "Context tokens of each request (with --kv-unified: of all together)")
      ->check(CLI::Range(registry::kLeastContextTokens, registry::kMostContextTokens));
  verb.add_option("--parallel", shape.parallel, "Requests that run at once")
      ->check(CLI::Range(registry::kLeastParallel, registry::kMostParallel));
  verb.add_flag("--kv-unified", shape.kv_unified, "One cache for all requests instead of one each");
  verb.add_option("--cache-type-k", shape.cache_type_k, "What keys are stored as (default: f16)")->check(CLI::IsMember(cache_types));
  verb.add_option("--cache-type-v", shape.cache_type_v, "What values are stored as (default: f16)")->check(CLI::IsMember(cache_types));
}

}  // namespace

int run(int argc, char** argv, const std::function<int(const ServeOptions&)>& serve,
        const std::function<RegistryFile(const std::string&)>& choose_registry) {
  CLI::App app("Perch keeps one large language model resident and gives every caller one address for it.", "perch");
  app.footer(exit_code_text());
  app.set_version_flag("--version", PERCH_VERSION);
  app.require_subcommand(1);
  std::string url = default_url();
  int status = 0;

  ServeOptions options;
  auto* serve_verb = app.add_subcommand("serve", "Run the daemon");
  serve_verb
      ->add_option("--registry", options.registry,
                   "The registry file (default: ~/.config/ai-stack/registry.json, or the demo models when there is none)")
      ->type_name("FILE")
      ->envname("PERCH_REGISTRY");
  serve_verb->add_option("--listen", options.listen,
                         "ADDRESS:PORT to listen on (default: the registry's server.listen, or 127.0.0.1:11434)");
  serve_verb->add_flag("--insecure", options.insecure, "Allow an address beyond this machine although there are no keys");
  serve_verb->add_option("--log-format", options.log_format, "text or json")->check(CLI::IsMember({"text", "json"}));
  serve_verb->add_option("--log-level", options.log_level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  serve_verb->add_option("--load-stall", options.load_stall_seconds, "Seconds that a load may stand still before it is ended")
      ->check(CLI::Range(0.1, 86400.0));
  serve_verb->add_option("--stop-timeout", options.stop_timeout_seconds, "Seconds that a worker gets to exit before it is killed")
      ->check(CLI::Range(0.0, 3600.0));
  serve_verb->add_option("--work-stall", options.work_stall_seconds, "Seconds that a busy worker may show no work before it is ended")
      ->check(CLI::PositiveNumber);
  serve_verb->add_option("--journal", options.journal, "Write every decision to this file, for replaying (tests/simulation)")
      ->type_name("FILE");
  serve_verb->add_option("--worker", options.worker, "The worker program (default: perch-worker beside this program)")->type_name("FILE");
  serve_verb->add_option("--worker-argument", options.worker_arguments, "Passed to every worker; for tests")->group("");
  serve_verb->add_option("--port-file", options.port_file, "Write the bound port to this file; for tests")->group("");
  serve_verb->add_option("--memory-folder", options.memory_folder, "Where meminfo and pressure are read instead of /proc; for tests")
      ->group("");
  serve_verb->add_option("--pressure-pace", options.pressure_pace, "How long the steps of the pressure ladder last, 1 as usual; for tests")
      ->check(CLI::Range(0.001, 100.0))
      ->group("");
  serve_verb->callback([&] { status = serve(options); });

  // The verbs that talk to a daemon share where it is.
  auto client_verb = [&](const char* name, const char* what) {
    auto* verb = app.add_subcommand(name, what);
    verb->add_option("--url", url, "The daemon's address (default: $PERCH_URL or http://127.0.0.1:11434)")->type_name("URL");
    return verb;
  };
  std::string model, role_or_id = "default";
  bool json = false, no_wait = false;
  const auto add_model = [&model](CLI::App* verb) {
    return verb->add_option("model", model, "A role or a model id")->type_name("MODEL")->required();
  };
  const auto add_json = [&json](CLI::App* verb) { return verb->add_flag("--json", json, "The daemon's answer as it is"); };
  std::vector<std::string> prompt;

  auto* status_verb = client_verb("status", "Show what is loaded, loading and waiting");
  add_json(status_verb);
  status_verb->callback([&] { status = show_status(DaemonClient(url), json); });

  auto* models_verb = client_verb("models", "List the models and their roles");
  add_json(models_verb);
  bool only_names = false;
  models_verb->add_flag("--names", only_names, "The names of models and roles, one a line");
  models_verb->callback([&] { status = only_names ? list_names(DaemonClient(url)) : show_models(DaemonClient(url), json); });

  std::size_t most_swaps = 20;
  auto* swaps_verb = client_verb("swaps", "Show the latest swaps and how long each of their parts took");
  swaps_verb->add_option("--limit", most_swaps, "How many, newest first (default: 20)")->check(CLI::Range(1, 1000));
  add_json(swaps_verb);
  swaps_verb->callback([&] { status = show_swaps(DaemonClient(url), most_swaps, json); });

  auto* load_verb = client_verb("load", "Make a model resident");
  add_model(load_verb);
  load_verb->add_flag("--no-wait", no_wait, "Do not wait for it to be ready");
  add_json(load_verb);
  load_verb->callback([&] { status = load_model(DaemonClient(url), model, !no_wait, json); });

  auto tell_verb = [&](const char* name, const char* what) {
    auto* verb = client_verb(name, what);
    add_model(verb);
    add_json(verb);
    verb->callback([&, name] { status = tell_model(DaemonClient(url), model, name, json); });
  };
  tell_verb("unload", "Let running requests finish, then free a model's memory");
  tell_verb("pin", "Keep a small embedding or reranking model loaded beside the resident one");
  tell_verb("unpin", "Unload a pinned model; from now on it takes turns with the others");

  auto* chat_verb = client_verb("chat", "Talk to a model: one question, or line by line without one");
  chat_verb->add_option("--model,-m", role_or_id, "A role or a model id (default: the role default)")->type_name("MODEL");
  auto* question = chat_verb->add_option("question", prompt, "What to ask");
  chat_verb->add_flag("--json", json, "The daemon's answer to one question as it is")->needs(question);
  chat_verb->callback([&] { status = chat(DaemonClient(url), role_or_id, prompt, json); });

  std::string said;
  bool clears = false, loads = false;
  auto* active_verb = client_verb("active", "Choose the model that the name \"active\" means until another is chosen, or show which it is");
  auto* name = active_verb->add_option("model", said, "An id, a role, or a part of a name that only one model has")->type_name("MODEL");
  auto* clear = active_verb->add_flag("--clear", clears, "Choose none: \"active\" means what the role default does")->excludes(name);
  active_verb->add_flag("--load", loads, "Make it resident, too, and wait until it is")->needs(name)->excludes(clear);
  add_json(active_verb);
  active_verb->callback([&] {
    const DaemonClient daemon(url);
    status = clears ? clear_active(daemon, json) : said.empty() ? show_active(daemon, json) : choose_active(daemon, said, loads, json);
  });

  LogCall log_call;
  auto* logs_verb = client_verb("logs", "Show what the daemon and its workers have said lately");
  logs_verb->add_flag("--follow,-f", log_call.follow, "Go on with what they say, as they say it");
  logs_verb->add_option("--source", log_call.source, "daemon, worker (all of them), or the model whose worker it is")->type_name("MODEL");
  logs_verb->add_option("--level", log_call.level, "The least: debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  logs_verb->add_option("--lines,-n", log_call.lines, "How many of the latest (default: 100)")->check(CLI::Range(0, 100000));
  logs_verb->add_flag("--json", log_call.json, "The daemon's answer as it is; following: one object a line");
  logs_verb->callback([&] { status = show_logs(DaemonClient(url), log_call); });

  auto* memory_verb = client_verb("memory", "Show what models may take, who holds how much, and what is lent");
  add_json(memory_verb);
  double gib = 0, minutes = 0;
  std::string lease;
  auto* lease_verb = memory_verb->add_subcommand("lease", "Have Perch give up memory for a while; who does not fit any more leaves");
  lease_verb->add_option("gib", gib, "How much, in GiB")->required();
  lease_verb->add_option("minutes", minutes, "For how long")->required();
  lease_verb->add_flag("--no-wait", no_wait, "Do not wait until it is free");
  auto* release_verb = memory_verb->add_subcommand("release", "End a lease before its time");
  release_verb->add_option("lease", lease, "Its number")->required();
  for (auto* verb : {lease_verb, release_verb}) verb->fallthrough();  // --url and --json
  memory_verb->require_subcommand(0, 1);
  memory_verb->callback([&] {
    const DaemonClient daemon(url);
    if (lease_verb->parsed()) status = lend_memory(daemon, gib, minutes, !no_wait, json);
    else if (release_verb->parsed()) status = end_memory_lease(daemon, lease, json);
    else status = show_memory(daemon, json);
  });

  registry::RunShape shape;
  auto* fit_verb = client_verb("fit", "Say whether a model would fit into memory, and why; loads nothing");
  add_model(fit_verb);
  add_shape_options(*fit_verb, shape);
  add_json(fit_verb);
  fit_verb->callback([&] { status = show_fit(DaemonClient(url), model, shape, json); });

  bool drops = false;
  auto* sessions_verb = client_verb("sessions", "List the conversations that were saved when their models left, or drop them");
  auto* of_model =
      sessions_verb->add_option("model", model, "With --drop: a role or a model id, whose are dropped (default: all)")->type_name("MODEL");
  auto* drop = sessions_verb->add_flag("--drop", drops, "Drop them instead");
  of_model->needs(drop);
  add_json(sessions_verb);
  sessions_verb->callback([&] { status = drops ? drop_sessions(DaemonClient(url), model, json) : show_sessions(DaemonClient(url), json); });

  add_registry_verbs(app, url, status);

  std::string file;
  bool simulates = false;
  auto* inspect_verb = app.add_subcommand("inspect", "Show what a model file is and what loading it would take; needs no daemon");
  inspect_verb->add_option("file", file, "A GGUF file; of a split model the first one")->type_name("FILE")->required();
  add_shape_options(*inspect_verb, shape);
  inspect_verb->add_flag("--simulate", simulates, "Ask libllama, too: a load without weights and without memory");
  inspect_verb->add_option("--worker", options.worker, "The worker that is asked (default: perch-worker beside this program)")
      ->type_name("FILE");
  inspect_verb->add_flag("--json", json, "As JSON");
  inspect_verb->callback([&] { status = inspect_file(file, shape, simulates ? std::optional(options.worker) : std::nullopt, json); });

  ImportCall import;
  auto* import_verb = app.add_subcommand("import", "Write the registry for another tool's configuration; needs no daemon");
  auto* swap_verb =
      import_verb->add_subcommand("llama-swap", "For a configuration of llama-swap; what has no counterpart is told line by line");
  swap_verb->add_option("config", import.config, "Its configuration (YAML); - is standard input")->type_name("FILE")->required();
  swap_verb->add_option("--output,-o", import.output, "The registry to write (default: standard output)")->type_name("FILE");
  swap_verb->add_flag("--force", import.replace, "Replace the registry that is there");
  swap_verb->add_flag("--strict", import.strict, "Write nothing, and exit with status 3, when something would be left out");
  swap_verb->add_flag("--embed", import.embed, "Let Perch's own workers run the models of plain llama-server commands");
  import_verb->require_subcommand(1);
  swap_verb->callback([&] { status = import_llama_swap(import); });

  DoctorCall doctor;
  std::string doctors_registry;
  auto* doctor_verb =
      app.add_subcommand("doctor", "Look at the installation, the registry and the daemon, and say what to do about what is wrong");
  doctor_verb
      ->add_option("--registry", doctors_registry, "The registry that the daemon would read (default: as `perch serve` would choose it)")
      ->type_name("FILE")
      ->envname("PERCH_REGISTRY");
  doctor_verb->add_option("--worker", options.worker, "The worker program (default: perch-worker beside this program)")->type_name("FILE");
  auto* doctors_url =
      doctor_verb->add_option("--url", url, "The daemon's address (default: $PERCH_URL, or where the registry says)")->type_name("URL");
  doctor_verb->add_flag("--json", doctor.json, "As JSON");
  doctor_verb->callback([&] {
    doctor.registry = choose_registry(doctors_registry);
    doctor.worker = options.worker;
    if (doctors_url->count() > 0 || url != kUsualUrl) doctor.url = url;
    status = examine(doctor);
  });

  std::string shell;
  auto* completion_verb = app.add_subcommand("completion", "Print what a shell needs to complete this command line; needs no daemon");
  completion_verb->add_option("shell", shell, "bash, zsh or fish")->check(CLI::IsMember({"bash", "zsh", "fish"}))->required();
  completion_verb->callback([&] { status = print_completion(app, shell); });
  app.add_subcommand("man", "Print the manual page, for man(1); needs no daemon")->callback([&] { status = print_manual(app); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : kUsage;
  }
  return status;
}

}  // namespace proxy::cli
