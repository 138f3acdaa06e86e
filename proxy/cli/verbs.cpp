#include "proxy/cli/verbs.hpp"

#include <chrono>
#include <format>
#include <iostream>
#include <utility>

#include "proxy/cli/active_verb.hpp"
#include "proxy/cli/outcome.hpp"
#include "proxy/cli/progress.hpp"
#include "proxy/cli/table.hpp"
#include "proxy/cli/terminal.hpp"
#include "proxy/cli/tier_lines.hpp"
#include "proxy/cli/units.hpp"

namespace proxy::cli {

using common::Error;
using common::ErrorKind;
using common::Json;

namespace {

struct SwapPart {
  const char* key;
  const char* title;
  int importance;  // of its column, where they do not all fit
};
constexpr SwapPart kSwapParts[] = {
    {"decide", "DECIDE", 20},    {"drain", "DRAIN", 30}, {"save", "SAVE", 26}, {"exit", "EXIT", 24},   {"release", "RELEASE", 25},
    {"spawn", "SPAWN", 23},      {"read", "READ", 29},   {"init", "INIT", 22}, {"probe", "PROBE", 21}, {"total", "TOTAL", Column::kStays},
    {"restore", "RESTORE", 27},  {"first_token", "TOKEN", 28}};

std::string text(const Json& object, const char* key) {
  auto at = object.find(key);
  if (at == object.end() || at->is_null()) return "-";
  return at->is_string() ? at->get<std::string>() : at->dump();
}

std::string joined(const Json& list) {
  std::string out;
  for (const Json& item : list) out += (out.empty() ? "" : ", ") + item.get<std::string>();
  return out.empty() ? "-" : out;
}

void print(const Table& table) { std::cout << table.text(terminal_width(), may_be_bold()); }

void print_fit(const Json& answer) {
  const Json &shape = answer["shape"], &budget = answer["budget"], &prefix = answer["prefix"];
  std::cout << std::format("{} with {} x {} tokens, keys {}, values {}: {}\n", text(answer, "model"),
                           shape["kv_unified"].get<bool>() ? "1" : text(shape, "parallel"), text(shape, "context_tokens"),
                           text(shape, "cache_type_k"), text(shape, "cache_type_v"), answer["fits"].get<bool>() ? "fits" : "does not fit");
  print_need(answer["need"]);
  if (!answer["measured_bytes"].is_null()) std::cout << "  measured here: " << mib(answer["measured_bytes"]) << '\n';
  std::cout << std::format("needed {}, and models may take {}: {} of memory, less {} kept free, {} of pinned models and {} lent\n",
                           mib(answer["needed_bytes"]), mib(budget["left_bytes"]), mib(budget["physical_bytes"]),
                           mib(budget["reserve_bytes"]), mib(budget["pinned_bytes"]), mib(budget["lent_bytes"]));
  for (const std::string& line : tier_lines(answer.value("tier", Json(nullptr)))) std::cout << line << '\n';
  std::cout << std::format("the largest context that would fit: {} tokens\n", text(answer, "largest_context_tokens"));
  std::cout << std::format("a prompt that fills a context takes {}: the prompt cache of {} {} one\n", mib(prefix["bytes"]),
                           mib(prefix["prompt_cache_bytes"]), prefix["stays_warm"].get<bool>() ? "keeps" : "has no room for");
  if (answer["active"].get<bool>()) std::cout << "it is loaded or on its way\n";
  else std::cout << "would leave: " << joined(answer["leaves"]) << '\n';
  std::cout << "loading it takes "
            << (answer["load_seconds"].is_null() ? "a time that is not known yet"
                                                 : std::format("{:.1f} s", answer["load_seconds"].get<double>()))
            << '\n';
  if (!answer["simulation_problem"].is_null()) std::cout << "not confirmed by libllama: " << text(answer, "simulation_problem") << '\n';
}

// One turn: prints the answer as it comes and appends it to the conversation.
common::Result<void> ask(const DaemonClient& daemon, const std::string& model, Json& messages) {
  Json body{{"model", model}, {"messages", messages}, {"stream", true}};
  std::string answer;
  std::optional<Error> trouble;
  bool complete = false;
  auto streamed = daemon.stream("/v1/chat/completions", common::dump_json(body), [&](const std::string& data) {
    if (data == "[DONE]") return complete = true, false;
    auto event = common::parse_json(data);
    if (!event) return true;
    if (event->contains("error")) return trouble = Error(ErrorKind::internal, (*event)["error"].value("message", "unknown error")), false;
    const Json& choices = event->value("choices", Json::array());
    if (choices.empty()) return true;
    const Json& delta = choices[0].value("delta", Json::object());
    if (auto piece = delta.find("content"); piece != delta.end() && piece->is_string()) {
      answer += piece->get<std::string>();
      std::cout << piece->get<std::string>() << std::flush;
    }
    return true;
  });
  std::cout << '\n';
  if (!streamed) return streamed;
  if (trouble) return common::fail(*trouble);
  if (!complete) return common::fail(ErrorKind::internal, "the answer broke off");
  messages.push_back({{"role", "assistant"}, {"content", answer}});
  return {};
}

}  // namespace

int show_status(const DaemonClient& daemon, bool json) {
  auto status = daemon.get("/admin/v1/status");
  if (!status) return complain(daemon, status.error());
  if (json) return print_json(*status);
  std::cout << std::format("perch {} at {}, up {} s\n", text(*status, "version"), daemon.url(), text(*status, "uptime_seconds"));
  const Json& registry = (*status)["registry"];
  std::cout << std::format("registry   {} (generation {}, {})\n", text(registry, "file"), text(registry, "generation"),
                           text(registry, "digest"));
  if (!registry["last_error"].is_null()) std::cout << "           not in force: " << text(registry, "last_error") << '\n';
  for (const Json& warning : registry["warnings"]) std::cout << "           " << warning.get<std::string>() << '\n';
  std::cout << std::format("resident   {} ({})\n", text(*status, "active"), text(*status, "phase"));
  if (const Json& choice = (*status)["choice"]; !choice["model"].is_null()) {
    const char* title = "active     ";
    for (const std::string& line : choice_lines(choice)) std::cout << std::exchange(title, "           ") << line << '\n';
  }
  std::cout << std::format("requests   {} running, {} waiting\n", text(*status, "leases"), text(*status, "queued"));
  const Json& pressure = (*status)["pressure"];
  if (pressure["rung"] != 0) std::cout << std::format("memory     is short: {}\n", text(pressure, "name"));
  for (const Json& place : (*status)["pinned"]) {
    std::cout << std::format("pinned     {} ({}), {} running, {} waiting\n", text(place, "model"), text(place, "phase"),
                             text(place, "leases"), text(place, "queued"));
  }
  for (const auto& [model, why] : (*status)["pins_refused"].items()) std::cout << "           " << why.get<std::string>() << '\n';
  for (const Json& worker : (*status)["workers"]) {
    std::cout << std::format("worker     {} {} pid {}", text(worker, "model"), text(worker, "state"), text(worker, "pid"));
    if (text(worker, "state") == "loading") std::cout << std::format(" {:.0f} %", worker.value("load_fraction", 0.0) * 100);
    std::cout << '\n';
    if (!worker["last_failure"].is_null()) std::cout << "           " << text(worker, "last_failure") << '\n';
  }
  if (const Json& spare = (*status)["spare"]["worker"]; !spare.is_null())
    std::cout << std::format("spare      {} pid {}, for whichever model comes next\n", text(spare, "state"), text(spare, "pid"));
  return 0;
}

int show_models(const DaemonClient& daemon, bool json) {
  auto models = daemon.get("/admin/v1/models");
  if (!models) return complain(daemon, models.error());
  if (json) return print_json(*models);
  Table table({{.title = "MODEL", .least = 16},
               {.title = "STATE", .importance = 9},
               {.title = "SIZE", .align = Align::right, .importance = 6},
               {.title = "TYPE", .importance = 5},
               {.title = "PREDICTED", .align = Align::right, .importance = 2},
               {.title = "MEASURED", .align = Align::right, .importance = 3},
               {.title = "FITS", .importance = 8},
               {.title = "TIER", .importance = 1},
               {.title = "TOK/S", .align = Align::right, .importance = 4},
               {.title = "ROLES", .least = 12}});
  for (const Json& model : (*models)["models"]) {
    const Json& memory = model["memory"];
    const auto bytes = [&memory](const char* key) { return memory.is_null() || memory[key].is_null() ? "-" : mib(memory[key]); };
    const char* fits = memory.is_null() ? "-" : memory["fits"].get<bool>() ? "yes" : "no";
    table.add({text(model, "id"), text(model, "state"), mib(model["bytes"]), text(model, "quantization"), bytes("predicted_bytes"),
               bytes("measured_bytes"), fits, text(model, "tier"),
               model["tokens_per_second"].is_null() ? "-" : std::format("{:.1f}", model["tokens_per_second"].get<double>()),
               joined(model["roles"])});
  }
  print(table);
  for (const Json& model : (*models)["models"]) {
    for (const char* problem : {"file_problem", "projector_problem"}) {
      if (model.contains(problem) && !model[problem].is_null())
        std::cout << std::format("{}: {}\n", text(model, "id"), text(model, problem));
    }
  }
  for (const Json& each : models->value("left_out", Json::array()))
    std::cout << std::format("left out: {}: {}\n", text(each, "path"), text(each, "why"));
  return 0;
}

int list_names(const DaemonClient& daemon) {
  auto models = daemon.get("/admin/v1/models");
  if (!models) return complain(daemon, models.error());
  for (const Json& model : (*models)["models"]) {
    std::cout << text(model, "id") << '\n';
    for (const Json& role : model["roles"]) std::cout << role.get<std::string>() << '\n';
  }
  return 0;
}

int show_swaps(const DaemonClient& daemon, std::size_t most, bool json) {
  auto answer = daemon.get(std::format("/admin/v1/swaps?limit={}", most));
  if (!answer) return complain(daemon, answer.error());
  if (json) return print_json(*answer);
  std::vector<Column> columns{{.title = "AT", .importance = 50}, {.title = "FROM", .least = 12}, {.title = "TO", .least = 12}};
  for (const SwapPart& part : kSwapParts) columns.push_back({.title = part.title, .align = Align::right, .importance = part.importance});
  columns.push_back({.title = "MEMORY BACK", .importance = 40});
  Table table(std::move(columns));
  for (const Json& swap : (*answer)["swaps"]) {
    const Json &seconds = swap["seconds"], &released = swap["released"];
    std::vector<std::string> row{text(swap, "at"), text(swap, "from"), text(swap, "to")};
    for (const SwapPart& part : kSwapParts) {
      const bool known = seconds.contains(part.key);
      row.push_back(known ? std::format("{:.0f} ms", seconds[part.key].get<double>() * 1000) : "-");
    }
    row.push_back(released.is_null() ? "-" : released["verified"].get<bool>() ? "yes" : mib(released["missing_bytes"]) + " missing");
    table.add(std::move(row));
  }
  print(table);
  return 0;
}

int show_fit(const DaemonClient& daemon, const std::string& model, const registry::RunShape& shape, bool json) {
  std::string path = "/admin/v1/fit?model=" + percent_encode(model);
  if (shape.context_tokens > 0) path += std::format("&context_tokens={}", shape.context_tokens);
  if (shape.parallel > 0) path += std::format("&parallel={}", shape.parallel);
  if (shape.kv_unified) path += "&kv_unified=true";
  if (!shape.cache_type_k.empty()) path += "&cache_type_k=" + shape.cache_type_k;
  if (!shape.cache_type_v.empty()) path += "&cache_type_v=" + shape.cache_type_v;
  auto answer = daemon.get(std::move(path));
  if (!answer) return complain(daemon, answer.error());
  if (json) print_json(*answer);
  else print_fit(*answer);
  return (*answer)["fits"].get<bool>() ? 0 : kRefused;
}

int show_memory(const DaemonClient& daemon, bool json) {
  auto memory = daemon.get("/admin/v1/memory");
  if (!memory) return complain(daemon, memory.error());
  if (json) return print_json(*memory);
  const Json &budget = (*memory)["budget"], &pressure = (*memory)["pressure"];
  std::cout << std::format("models may take {}: {} of memory, less {} kept free, {} of pinned models and {} lent\n",
                           mib(budget["left_bytes"]), mib(budget["physical_bytes"]), mib(budget["reserve_bytes"]),
                           mib(budget["pinned_bytes"]), mib(budget["lent_bytes"]));
  std::cout << std::format("available now: {}; short below {}\n", mib((*memory)["available_bytes"]),
                           mib(pressure["available_limit_bytes"]));
  if (!pressure["on"].get<bool>()) std::cout << "pressure       not looked at (memory.pressure in the registry is false)\n";
  else std::cout << std::format("pressure       {}\n", text(pressure, "name"));
  for (const Json& model : (*memory)["models"]) {
    std::cout << std::format("holds          {} ({}{}): {} needed, {} of its own now, of which prompts {}\n", text(model, "model"),
                             text(model, "state"), model["pinned"].get<bool>() ? ", pinned" : "", mib(model["needed_bytes"]),
                             mib(model["own_bytes"]), mib(model["prompt_cache_bytes"]));
  }
  for (const Json& lease : (*memory)["leases"]) {
    std::cout << std::format("lease {:<8} {:.2f} GiB for another {:.0f} s\n", text(lease, "id"), lease["gib"].get<double>(),
                             lease["seconds_left"].get<double>());
  }
  return 0;
}

int lend_memory(const DaemonClient& daemon, double gib, double minutes, bool wait, bool json) {
  const Json body{{"gib", gib}, {"minutes", minutes}};
  auto lent = daemon.post(std::string("/admin/v1/memory/lease") + (wait ? "" : "?wait=false"), common::dump_json(body));
  if (!lent) return complain(daemon, lent.error());
  if (json) return print_json(*lent);
  std::cout << std::format("lease {}: {:.2f} GiB for {:.0f} s; {} given back, left: {}", text(*lent, "id"), (*lent)["gib"].get<double>(),
                           (*lent)["seconds_left"].get<double>(), mib((*lent)["freed_bytes"]), joined((*lent)["left"]));
  if (!(*lent)["leaving"].empty()) std::cout << ", still leaving: " << joined((*lent)["leaving"]);
  std::cout << '\n';
  return 0;
}

int end_memory_lease(const DaemonClient& daemon, const std::string& lease, bool json) {
  auto ended = daemon.remove("/admin/v1/memory/lease/" + percent_encode(lease));
  if (!ended) return complain(daemon, ended.error());
  if (json) return print_json(*ended);
  std::cout << std::format("lease {}: {}\n", text(*ended, "id"), text(*ended, "outcome"));
  return 0;
}

int print_outcome(const Json& outcome, bool json) {
  if (json) return print_json(outcome);
  std::cout << std::format("{}: {}", text(outcome, "model"), text(outcome, "outcome"));
  if (outcome.contains("seconds")) std::cout << std::format(" after {:.2f} s", outcome.value("seconds", 0.0));
  std::cout << '\n';
  return 0;
}

common::Result<Json> load_with_progress(const DaemonClient& daemon, const std::string& model, bool wait) {
  std::optional<LoadProgress> progress;
  if (wait && errors_go_to_a_terminal()) progress.emplace(daemon.url(), model);
  return daemon.post(std::format("/admin/v1/models/{}/load{}", percent_encode(model), wait ? "" : "?wait=false"), "");
}

int load_model(const DaemonClient& daemon, const std::string& model, bool wait, bool json) {
  auto outcome = load_with_progress(daemon, model, wait);
  if (!outcome) return complain(daemon, outcome.error());
  return print_outcome(*outcome, json);
}

int tell_model(const DaemonClient& daemon, const std::string& model, const char* verb, bool json) {
  auto outcome = daemon.post(std::format("/admin/v1/models/{}/{}", percent_encode(model), verb), "");
  if (!outcome) return complain(daemon, outcome.error());
  return print_outcome(*outcome, json);
}

int show_sessions(const DaemonClient& daemon, bool json) {
  auto listed = daemon.get("/admin/v1/sessions");
  if (!listed) return complain(daemon, listed.error());
  if (json) return print_json(*listed);
  Table table({{.title = "MODEL", .least = 16},
               {.title = "TOKENS", .align = Align::right, .importance = 4},
               {.title = "SIZE", .align = Align::right},
               {.title = "LAST USED (UTC)", .importance = 3},
               {.title = "OWNER", .importance = 2, .least = 8}});
  for (const Json& session : (*listed)["sessions"]) {
    const std::chrono::sys_seconds used{std::chrono::seconds(session["last_used"].get<std::int64_t>())};
    table.add(
        {text(session, "model"), text(session, "tokens"), mib(session["bytes"]), std::format("{:%F %T}", used), text(session, "owner")});
  }
  print(table);
  std::cout << std::format("{} of {} (memory.saved_mib in the registry)\n", mib((*listed)["bytes"]), mib((*listed)["budget_bytes"]));
  return 0;
}

int drop_sessions(const DaemonClient& daemon, const std::string& model, bool json) {
  auto outcome = daemon.remove("/admin/v1/sessions" + (model.empty() ? "" : "/" + percent_encode(model)));
  if (!outcome) return complain(daemon, outcome.error());
  if (json) return print_json(*outcome);
  std::cout << std::format("dropped {} saved conversations, {}\n", text(*outcome, "dropped"), mib((*outcome)["bytes"]));
  return 0;
}

int chat(const DaemonClient& daemon, const std::string& model, const std::vector<std::string>& question, bool json) {
  Json messages = Json::array();
  std::string line;
  for (const std::string& word : question) line += (line.empty() ? "" : " ") + word;
  const bool once = !line.empty();
  if (json) {
    messages.push_back({{"role", "user"}, {"content", line}});
    auto answer = daemon.post("/v1/chat/completions", common::dump_json(Json{{"model", model}, {"messages", messages}}));
    return answer ? print_json(*answer) : complain(daemon, answer.error());
  }
  while (true) {
    if (!once) std::cout << "> " << std::flush;
    if (!once && !std::getline(std::cin, line)) return std::cout << '\n', 0;
    if (line.empty()) continue;
    messages.push_back({{"role", "user"}, {"content", line}});
    auto answered = ask(daemon, model, messages);
    if (!answered) return complain(daemon, answered.error());
    if (once) return 0;
  }
}

}  // namespace proxy::cli
