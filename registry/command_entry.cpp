#include "registry/command_entry.hpp"

#include <algorithm>
#include <format>

namespace registry {
namespace {

using common::CommandLine;

constexpr std::uint64_t kMostNeededMib = 16'777'216;
constexpr double kLeastAnswerSeconds = 1, kMostAnswerSeconds = 86'400;
constexpr const char* kOfCommands[] = {"command",           "environment", "pass_environment", "ready_path", "stop_command",
                                       "served_model_name", "memory_mib",  "purpose",          "answer_timeout"};
constexpr const char* kOfWorkers[] = {"kv_unified", "cache_type_k", "cache_type_v", "lora", "projector", "prompt_cache_mib", "tool_format"};
// Its processes are known by these (docs/worker-protocol.md).
constexpr const char* kMarks[] = {"PERCH_INSTANCE", "PERCH_WORKER"};

std::string placeholder(std::string_view name) { return std::format("${{{}}}", name); }

// What may stand in one of the texts of an entry.
struct Allowed {
  bool model = false;  // there is an artifact
  bool pid = false;
};

void check_text(SectionReader& section, const std::string& key, std::string_view text, const Allowed& allowed) {
  if (text.contains('\0')) section.refuse(key, "a zero byte cannot be passed to a program");
  for (const std::string& name : common::placeholders_in(text)) {
    if (name == common::kPortPlaceholder || name == common::kSocketPlaceholder) continue;
    if (name == common::kModelPlaceholder && allowed.model) continue;
    if (name == common::kPidPlaceholder && allowed.pid) continue;
    if (name == common::kModelPlaceholder)
      section.refuse(key, placeholder(name) + " is the path of the artifact, and there is no \"artifact\" here");
    else if (name == common::kPidPlaceholder)
      section.refuse(key, placeholder(name) + " is known once the server runs: only stop_command may name it");
    else
      section.refuse(key, placeholder(name) + " is no placeholder; there are ${PORT}, ${SOCKET} and ${MODEL}, and ${PID} in stop_command");
  }
}

// A program and its arguments, without a shell.
std::vector<std::string> read_words(SectionReader& entry, const std::string& key, const Allowed& allowed,
                                    const std::function<std::string(const std::string&)>& resolve) {
  std::vector<std::string> words = entry.texts(key);
  if (words.empty() || words.front().empty()) {
    entry.refuse(key, "a list is expected whose first word is a program, and the others its arguments");
    return words;
  }
  for (const std::string& word : words) check_text(entry, key, word, allowed);
  if (words.front().contains('/')) words.front() = resolve(words.front());
  return words;
}

bool is_name_of_a_variable(std::string_view name) { return !name.empty() && !name.contains('=') && !name.contains('\0'); }

void read_environment(SectionReader& entry, CommandLine& line, const Allowed& allowed) {
  if (entry.has("environment")) {
    SectionReader variables = entry.section("environment");
    for (const std::string& name : variables.keys()) {
      line.environment[name] = variables.text(name);
      check_text(variables, name, line.environment[name], allowed);
      if (!is_name_of_a_variable(name)) variables.refuse(name, "is no name of a variable");
      if (std::ranges::contains(kMarks, name)) variables.refuse(name, "is set by Perch, which knows its processes by it");
    }
  }
  if (!entry.has("pass_environment")) return;
  line.pass_environment = entry.texts("pass_environment");
  for (const std::string& name : line.pass_environment) {
    if (!is_name_of_a_variable(name) || std::ranges::contains(kMarks, name))
      entry.refuse("pass_environment", std::format("\"{}\" is no name of a variable that can be passed on", name));
  }
}

// What can be asked of it; nobody can see into it.
common::Purpose read_purpose(SectionReader& entry) {
  const auto known = common::purpose_called(entry.text("purpose"));
  if (known && *known != common::Purpose::counting) return *known;
  entry.refuse("purpose", "\"generation\" (the default), \"embedding\" or \"reranking\" is expected");
  return common::Purpose::generation;
}

void check_place(SectionReader& entry, const CommandLine& line) {
  const std::vector<std::string> named = common::placeholders_in(line);
  const bool port = std::ranges::contains(named, common::kPortPlaceholder);
  const bool socket = std::ranges::contains(named, common::kSocketPlaceholder);
  if (!port && !socket)
    entry.refuse("command", "it must be told where to listen: ${PORT} is a free port of 127.0.0.1, ${SOCKET} the path of a Unix socket");
  if (port && socket) entry.refuse("command", "it is to listen at one place: ${PORT} or ${SOCKET}, not both");
}

}  // namespace

bool is_key_of_commands(const std::string& key) { return std::ranges::contains(kOfCommands, key); }
bool is_key_of_workers(const std::string& key) { return std::ranges::contains(kOfWorkers, key); }

void read_command(SectionReader& entry, Model& model, const std::function<std::string(const std::string&)>& resolve) {
  CommandLine line;
  const Allowed allowed{.model = !model.artifact.empty()};
  line.arguments = read_words(entry, "command", allowed, resolve);
  read_environment(entry, line, allowed);
  if (!line.arguments.empty()) check_place(entry, line);
  if (entry.has("ready_path")) {
    line.ready_path = entry.text("ready_path");
    if (!line.ready_path.empty() && !line.ready_path.starts_with('/'))
      entry.refuse("ready_path", "a path that begins with / is expected, or \"\" where listening is enough");
    if (std::ranges::any_of(line.ready_path, [](unsigned char c) { return c <= ' ' || c >= 0x7f; }))
      entry.refuse("ready_path", "a path has no spaces, control characters or letters beyond ASCII");
  }
  if (entry.has("stop_command")) line.stop = read_words(entry, "stop_command", {.model = allowed.model, .pid = true}, resolve);
  if (entry.has("served_model_name")) {
    line.served_model_name = entry.text("served_model_name");
    if (line.served_model_name.empty())
      entry.refuse("served_model_name", "a name is expected; without it the server is asked for the model's id");
  }
  if (entry.has("answer_timeout")) {
    const double seconds = entry.number("answer_timeout", kLeastAnswerSeconds, kMostAnswerSeconds);
    line.answer_timeout = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
  }
  if (entry.has("memory_mib")) model.memory_bytes = entry.count("memory_mib", 1, kMostNeededMib) << 20;
  if (entry.has("purpose")) model.purpose = read_purpose(entry);
  model.command = std::move(line);
}

}  // namespace registry
