#include "proxy/cli/active_verb.hpp"

#include <chrono>
#include <format>
#include <iostream>
#include <utility>

#include "proxy/cli/outcome.hpp"
#include "proxy/cli/verbs.hpp"

namespace proxy::cli {

using common::Json;

namespace {

std::string text(const Json& choice, const char* key) {
  const auto at = choice.find(key);
  return at == choice.end() || !at->is_string() ? "" : at->get<std::string>();
}

void print(const Json& choice) {
  const char* name = "active ";
  for (const std::string& line : choice_lines(choice)) std::cout << std::exchange(name, "") << line << std::endl;
}

std::string chosen_when(const Json& choice) {
  const auto time = choice.find("time");
  if (time == choice.end() || !time->is_number_integer()) return "";
  return std::format(", chosen {:%F %T} UTC", std::chrono::sys_seconds(std::chrono::seconds(time->get<std::int64_t>())));
}

}  // namespace

std::vector<std::string> choice_lines(const Json& choice) {
  const std::string model = text(choice, "model"), answers = text(choice, "answered_by"), peer = text(choice, "peer");
  std::string first = "means " + model + chosen_when(choice);
  if (model.empty()) first = answers.empty() ? "means nothing: nothing is chosen" : std::format("means {}: nothing is chosen", answers);
  else if (answers.empty()) first += "; nobody answers to it";
  else if (answers != model) first += std::format("; {} answers to it instead", answers);
  if (!peer.empty()) first += std::format(" (served by the peer {})", peer);
  std::vector<std::string> lines{std::move(first)};
  if (const std::string problem = text(choice, "problem"); !problem.empty()) lines.push_back(problem);
  if (!model.empty() && !choice.value("kept", true)) lines.push_back("it is forgotten when the daemon ends: there is no state folder");
  return lines;
}

int show_active(const DaemonClient& daemon, bool json) {
  auto choice = daemon.get("/admin/v1/active");
  if (!choice) return complain(daemon, choice.error());
  if (json) return print_json(*choice);
  print(*choice);
  return 0;
}

int choose_active(const DaemonClient& daemon, const std::string& said, bool load, bool json) {
  auto choice = daemon.put("/admin/v1/active", common::dump_json(Json{{"model", said}}));
  if (!choice) return complain(daemon, choice.error());
  if (!json) print(*choice);
  // What a peer serves is loaded there, if at all.
  if (load && text(*choice, "peer").empty()) {
    auto loaded = load_with_progress(daemon, text(*choice, "model"), true);
    if (!loaded) return complain(daemon, loaded.error());
    if (!json) return print_outcome(*loaded, false);
    (*choice)["load"] = std::move(*loaded);
  }
  return json ? print_json(*choice) : 0;
}

int clear_active(const DaemonClient& daemon, bool json) {
  auto choice = daemon.remove("/admin/v1/active");
  if (!choice) return complain(daemon, choice.error());
  if (json) return print_json(*choice);
  print(*choice);
  return 0;
}

}  // namespace proxy::cli
