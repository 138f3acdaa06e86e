#include "proxy/cli/outline.hpp"

#include <CLI/CLI.hpp>

namespace proxy::cli {
namespace {

// IsMember describes itself as "{a,b,c}".
std::vector<std::string> choices_in(const std::string& type) {
  std::vector<std::string> choices;
  const auto open = type.find('{');
  const auto close = type.find('}', open);
  if (open == std::string::npos || close == std::string::npos) return choices;
  std::string rest = type.substr(open + 1, close - open - 1) + ",";
  for (std::size_t comma; (comma = rest.find(',')) != std::string::npos; rest.erase(0, comma + 1)) choices.push_back(rest.substr(0, comma));
  return choices;
}

OptionOutline outline_of(const CLI::Option& option) {
  OptionOutline outline{
      .description = option.get_description(), .takes_value = option.get_items_expected_max() > 0, .required = option.get_required()};
  if (option.get_positional()) outline.names.push_back(option.get_name(true));
  else {
    for (const std::string& name : option.get_snames()) outline.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) outline.names.push_back("--" + name);
  }
  const std::string type = option.get_type_name();
  outline.type = type.substr(0, type.find_first_of(":["));
  outline.choices = choices_in(type);
  if (!outline.choices.empty()) outline.kind = ValueKind::choice;
  else if (outline.type == "FILE") outline.kind = ValueKind::file;
  else if (outline.type == "MODEL") outline.kind = ValueKind::model;
  return outline;
}

VerbOutline outline_below(const CLI::App& app, std::vector<std::string> path) {
  path.push_back(app.get_name());
  VerbOutline outline{.name = app.get_name(), .description = app.get_description(), .path = path};
  for (const CLI::Option* option : app.get_options([](const CLI::Option* each) { return !each->get_group().empty(); }))
    (option->get_positional() ? outline.positionals : outline.options).push_back(outline_of(*option));
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App* each) { return !each->get_group().empty(); }))
    outline.verbs.push_back(outline_below(*verb, path));
  return outline;
}

}  // namespace

VerbOutline outline_of(const CLI::App& app) { return outline_below(app, {}); }

}  // namespace proxy::cli
