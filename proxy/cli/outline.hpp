// What the command line understands, read out of the CLI11 app that understands it, for whatever describes it: completions and the manual.
// What the app hides (an empty group) is not there.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace proxy::cli {

// What a value is, for who completes it. An option says so by its type name: FILE, MODEL.
enum class ValueKind { text, file, model, choice };

struct OptionOutline {
  std::vector<std::string> names;  // "-m", "--model"; of a positional one its own
  std::string description;
  bool takes_value = false;
  bool required = false;
  ValueKind kind = ValueKind::text;
  std::string type;  // "TEXT", "FLOAT"
  std::vector<std::string> choices;
};

struct VerbOutline {
  std::string name, description;
  std::vector<std::string> path;  // from the program's name on
  std::vector<OptionOutline> options, positionals;
  std::vector<VerbOutline> verbs;
};

VerbOutline outline_of(const CLI::App& app);

}  // namespace proxy::cli
