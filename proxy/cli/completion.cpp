#include "proxy/cli/completion.hpp"

#include <algorithm>
#include <format>

namespace proxy::cli {
namespace {

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? std::string() : std::string(between)) + word;
  return all;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) text.replace(at, what.size(), by);
  return text;
}

// In single quotes, for any of the three shells.
std::string quoted(std::string text) { return "'" + replaced(std::move(text), "'", "'\\''") + "'"; }

// `on_verb` for the program and everything below it.
template <class OnVerb>
void walk(const VerbOutline& verb, const OnVerb& on_verb) {
  on_verb(verb);
  for (const VerbOutline& below : verb.verbs) walk(below, on_verb);
}

std::vector<std::string> names_of(const std::vector<VerbOutline>& verbs) {
  std::vector<std::string> names;
  for (const VerbOutline& verb : verbs) names.push_back(verb.name);
  return names;
}

std::vector<std::string> names_of(const std::vector<OptionOutline>& options) {
  std::vector<std::string> names;
  for (const OptionOutline& option : options) names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

// --- bash ---

std::string bash_values(const OptionOutline& option) {
  switch (option.kind) {
    case ValueKind::file: return "COMPREPLY=($(compgen -f -- \"$word\"))";
    case ValueKind::model: return "COMPREPLY=($(compgen -W \"$(perch models --names 2>/dev/null)\" -- \"$word\"))";
    case ValueKind::choice: return std::format("COMPREPLY=($(compgen -W {} -- \"$word\"))", quoted(joined(option.choices, " ")));
    case ValueKind::text: break;
  }
  return "COMPREPLY=()";
}

std::string bash_verb(const VerbOutline& verb) {
  std::string out;
  const std::string path = joined(verb.path, " ");
  for (const OptionOutline& option : verb.options) {
    if (!option.takes_value) continue;
    for (const std::string& name : option.names)
      out += std::format("    {}) {}; return ;;\n", quoted(path + ":" + name), bash_values(option));
  }
  return out;
}

std::string bash_words(const VerbOutline& verb) {
  const std::string path = quoted(joined(verb.path, " "));
  std::string out = std::format("    {})\n", path);
  out += std::format("      case $word in -*) COMPREPLY=($(compgen -W {} -- \"$word\")); return ;; esac\n",
                     quoted(joined(names_of(verb.options), " ")));
  if (!verb.verbs.empty())
    out += std::format("      COMPREPLY=($(compgen -W {} -- \"$word\"))\n", quoted(joined(names_of(verb.verbs), " ")));
  else if (!verb.positionals.empty()) out += "      " + bash_values(verb.positionals.front()) + "\n";
  return out + "      ;;\n";
}

// --- zsh ---

// Of a description in _arguments and _describe, where brackets and colons mean something.
std::string zsh_text(std::string text) {
  for (const char* special : {"\\", "[", "]", ":"}) text = replaced(std::move(text), special, std::string("\\") + special);
  return text;
}

std::string zsh_action(const OptionOutline& option) {
  switch (option.kind) {
    case ValueKind::file: return "_files";
    case ValueKind::model: return "_perch__names";
    case ValueKind::choice: return "(" + joined(option.choices, " ") + ")";
    case ValueKind::text: break;
  }
  return " ";
}

std::string zsh_option(const OptionOutline& option) {
  std::string out;
  for (const std::string& name : option.names) {
    std::string spec = std::format("{}[{}]", name, zsh_text(option.description));
    if (option.takes_value) spec += std::format(":{}:{}", zsh_text(option.type), zsh_action(option));
    out += " \\\n    " + quoted(spec);
  }
  return out;
}

std::string zsh_function(const VerbOutline& verb) { return "_" + replaced(joined(verb.path, "_"), "-", "_"); }

std::string zsh_verb(const VerbOutline& verb) {
  std::string out = std::format("{}() {{\n", zsh_function(verb));
  if (!verb.verbs.empty()) out += "  local curcontext=$curcontext state line\n  typeset -A opt_args\n";
  out += "  _arguments -s" + std::string(verb.verbs.empty() ? "" : " -C");
  for (const OptionOutline& option : verb.options) out += zsh_option(option);
  for (const OptionOutline& option : verb.verbs.empty() ? verb.positionals : std::vector<OptionOutline>{})
    out += " \\\n    " + quoted(std::format("{}{}:{}", option.required ? ":" : "::", zsh_text(option.names.front()), zsh_action(option)));
  if (verb.verbs.empty()) return out + "\n}\n\n";
  out += " \\\n    '1: :->verb' '*:: :->rest'\n  case $state in\n    verb)\n      local -a verbs=(\n";
  for (const VerbOutline& below : verb.verbs)
    out += std::format("        {}\n", quoted(zsh_text(below.name) + ":" + zsh_text(below.description)));
  out += "      )\n      _describe verb verbs ;;\n    rest)\n      case $line[1] in\n";
  for (const VerbOutline& below : verb.verbs) out += std::format("        {}) {} ;;\n", below.name, zsh_function(below));
  return out + "      esac ;;\n  esac\n}\n\n";
}

// --- fish ---

// When a verb is the one that is being written: its name is there, and none of those below it.
std::string fish_condition(const VerbOutline& verb) {
  if (verb.path.size() == 1) return "__fish_use_subcommand";
  std::string condition;
  for (std::size_t i = 1; i < verb.path.size(); ++i)
    condition += std::string(i > 1 ? "; and " : "") + "__fish_seen_subcommand_from " + verb.path[i];
  if (!verb.verbs.empty()) condition += "; and not __fish_seen_subcommand_from " + joined(names_of(verb.verbs), " ");
  return condition;
}

std::string fish_values(const OptionOutline& option) {
  switch (option.kind) {
    case ValueKind::file: return " -F";
    case ValueKind::model: return " -a '(perch models --names 2>/dev/null)'";
    case ValueKind::choice: return " -a " + quoted(joined(option.choices, " "));
    case ValueKind::text: break;
  }
  return "";
}

std::string fish_verb(const VerbOutline& verb) {
  const std::string head = std::format("complete -c perch -n {}", quoted(fish_condition(verb)));
  std::string out;
  for (const VerbOutline& below : verb.verbs) out += std::format("{} -a {} -d {}\n", head, below.name, quoted(below.description));
  for (const OptionOutline& option : verb.options) {
    out += head;
    for (const std::string& name : option.names) out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    if (option.takes_value) out += (option.kind == ValueKind::file ? " -r" : " -x") + fish_values(option);
    out += std::format(" -d {}\n", quoted(option.description));
  }
  if (verb.verbs.empty() && !verb.positionals.empty()) {
    const std::string values = fish_values(verb.positionals.front());
    if (!values.empty()) out += head + values + "\n";
  }
  return out;
}

}  // namespace

std::string bash_completion(const VerbOutline& program) {
  std::string verbs, options, words;
  walk(program, [&](const VerbOutline& verb) {
    for (const VerbOutline& below : verb.verbs) {
      const std::string path = joined(below.path, " ");
      verbs += std::format("      {}) path={} ;;\n", quoted(path), quoted(path));
    }
    options += bash_verb(verb);
    words += bash_words(verb);
  });
  return "# Completion of perch for bash; made by `perch completion bash`.\n"
         // Bash begins a new word at a colon, which ids have; it is put together here, and only what follows the colon is answered.
         "_perch() {\n"
         "  local words=() last=-1 each follows= colons=\n"
         "  for each in \"${COMP_WORDS[@]:0:COMP_CWORD+1}\"; do\n"
         "    if [ $last -ge 0 ] && { [ \"$each\" = : ] || [ -n \"$follows\" ]; }; then words[last]+=$each colons=1; else "
         "words[++last]=$each; fi\n"
         "    follows=; [ \"$each\" != : ] || follows=1\n"
         "  done\n"
         "  _perch_words\n"
         "  local whole=${words[last]}\n"
         "  [ -z \"$colons\" ] || [ ${#COMPREPLY[@]} = 0 ] || COMPREPLY=(\"${COMPREPLY[@]#\"${whole%\"${whole##*:}\"}\"}\")\n"
         "}\n"
         "_perch_words() {\n"
         "  local word=${words[last]} before=${words[last > 0 ? last - 1 : 0]} path=perch i\n"
         "  COMPREPLY=()\n"
         "  for ((i = 1; i < last; i++)); do\n"
         "    case \"$path ${words[i]}\" in\n" +
         verbs +
         "    esac\n"
         "  done\n"
         "  case \"$path:$before\" in\n" +
         options +
         "  esac\n"
         "  case $path in\n" +
         words +
         "  esac\n"
         "}\n"
         "complete -F _perch perch\n";
}

std::string zsh_completion(const VerbOutline& program) {
  std::string functions;
  walk(program, [&](const VerbOutline& verb) { functions += zsh_verb(verb); });
  return "#compdef perch\n"
         "# Completion of perch for zsh; made by `perch completion zsh`.\n\n"
         "_perch__names() {\n  local -a names=(${(f)\"$(perch models --names 2>/dev/null)\"})\n  compadd -a names\n}\n\n" +
         functions +
         // Loaded by its name from a folder of functions it has to complete at once; sourced, it announces itself.
         "if [ \"$funcstack[1]\" = _perch ]; then _perch \"$@\"; else compdef _perch perch; fi\n";
}

std::string fish_completion(const VerbOutline& program) {
  std::string lines;
  walk(program, [&](const VerbOutline& verb) { lines += fish_verb(verb); });
  return "# Completion of perch for fish; made by `perch completion fish`.\ncomplete -c perch -f\n" + lines;
}

}  // namespace proxy::cli
