#include "proxy/cli/manual.hpp"

#include <algorithm>
#include <cctype>
#include <format>

namespace proxy::cli {
namespace {

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

// Text that troff leaves as it is: a backslash would begin an escape, a dash become a hyphen that cannot be searched for, and a dot or an
// apostrophe at a line's start a request.
std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) out += "\\&";
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else out += c;
  }
  return out;
}

std::string bold(std::string_view text) { return "\\fB" + escaped(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + escaped(text) + "\\fR"; }

std::string value_of(const OptionOutline& option) {
  if (option.kind != ValueKind::choice) return upper(option.type);
  std::string all;
  for (const std::string& choice : option.choices) all += (all.empty() ? "" : "|") + choice;
  return all;
}

std::string names_of(const OptionOutline& option) {
  std::string all;
  for (const std::string& name : option.names) all += (all.empty() ? "" : ", ") + bold(name);
  return option.takes_value ? all + " " + italic(value_of(option)) : all;
}

std::string synopsis(const VerbOutline& verb) {
  std::string path;
  for (const std::string& name : verb.path) path += (path.empty() ? "" : " ") + name;
  std::string out = bold(path);
  if (!verb.verbs.empty()) out += " " + italic("VERB");
  for (const OptionOutline& option : verb.positionals) {
    const std::string name = italic(upper(option.names.front()));
    out += option.required ? " " + name : " [" + name + "]";
  }
  return verb.options.empty() ? out : out + " [" + italic("OPTIONS") + "]";
}

std::string entry(const std::string& title, std::string_view text) { return ".TP\n" + title + "\n" + escaped(text) + "\n"; }

void add_verb(const VerbOutline& verb, std::string& out) {
  out += ".SS " + synopsis(verb) + "\n" + escaped(verb.description) + ".\n";
  for (const OptionOutline& option : verb.positionals) out += entry(italic(upper(option.names.front())), option.description);
  for (const OptionOutline& option : verb.options) {
    if (!std::ranges::contains(option.names, "--help")) out += entry(names_of(option), option.description);
  }
  for (const VerbOutline& below : verb.verbs) add_verb(below, out);
}

}  // namespace

std::string manual_page(const VerbOutline& program, const std::vector<ExitCode>& exit_codes, std::string_view version) {
  std::string out = std::format(".\\\" Made by `perch man`.\n.TH PERCH 1 \"\" \"perch {}\"\n", escaped(version));
  out += ".SH NAME\nperch \\- one resident language model, one stable address\n";
  out += ".SH SYNOPSIS\n" + synopsis(program) + "\n";
  out += ".SH DESCRIPTION\n" + escaped(program.description) + "\n.PP\n" + bold("perch serve") +
         " is the daemon. The other verbs talk to one that runs, or say in their description that they need none.\n";
  out += ".SH VERBS\n";
  for (const VerbOutline& verb : program.verbs) add_verb(verb, out);
  out += ".SH EXIT STATUS\n";
  for (const ExitCode& each : exit_codes) out += entry(bold(std::to_string(each.code)), each.meaning);
  out += ".SH ENVIRONMENT\n";
  out += entry(bold("PERCH_URL"), "Where the daemon is that the verbs talk to, instead of http://127.0.0.1:11434.");
  out += entry(bold("PERCH_REGISTRY"), "The registry that the daemon reads, instead of the usual file.");
  out += entry(bold("NO_COLOR"), "Nothing is printed in bold letters when this is not empty.");
  out += ".SH FILES\n";
  out += entry(italic("~/.config/ai-stack/registry.json"),
               "Which models there are, and which role means which of them. $XDG_CONFIG_HOME stands in the place of ~/.config.");
  out += entry(italic("~/.local/state/perch"),
               "What is learned of models, and saved conversations. $XDG_STATE_HOME stands in the place of ~/.local/state.");
  return out;
}

}  // namespace proxy::cli
