#include "registry/foreign/llama_swap_filters.hpp"

#include <algorithm>
#include <cctype>
#include <format>

#include "registry/foreign/llama_server.hpp"

namespace registry::foreign {

using common::Json;

namespace {

class FilterImport {
 public:
  FilterImport(const ModelFilters& given, Draft& draft) : given_(given), draft_(draft) {}

  Json run() {
    Json enforced = Json::object();
    const std::vector<Yaml::Entry>& all = draft_.entries(given_.filters, key("filters"));
    // What is set stands before what is only taken out.
    for (const Yaml::Entry& filter : all) {
      if (filter.key == "setParams") enforce(filter, key("filters.setParams"), enforced);
    }
    for (const Yaml::Entry& filter : all) {
      if (filter.key == "stripParams" || filter.key == "strip_params") strip(filter, enforced);
      else if (filter.key == "setParamsByID") enforce_by_name(filter, enforced);
      else if (filter.key != "setParams")
        draft_.leave_out(filter.line, key("filters." + filter.key), "requests are not changed in this way");
    }
    return enforced;
  }

 private:
  std::string key(std::string_view name) const { return std::format("models.{}.{}", given_.model.key, name); }

  void enforce(const Yaml::Entry& params, const std::string& where, Json& enforced) {
    for (const Yaml::Entry& param : draft_.entries(params, where)) {
      const std::string at = where + "." + param.key;
      const common::NumberField* field = find_sampling_field(param.key);
      if (param.key == "model") continue;  // llama-swap leaves it alone, too
      if (!field) {
        draft_.leave_out(param.line, at, "only the numbers that choose tokens can be enforced (docs/registry.md lists them)");
        continue;
      }
      const Json value = given_.macros.expand_values(json_of(param.value));
      if (auto number = sampling_value(*field, value)) enforced[param.key] = std::move(*number);
      else
        draft_.leave_out(param.line, at,
                         std::format("a {}number from {} to {} is expected, not {}", field->whole ? "whole " : "", field->low, field->high,
                                     value.dump().substr(0, 100)));
    }
  }

  void strip(const Yaml::Entry& filter, Json& enforced) {
    const std::string where = key("filters.stripParams");
    auto list = draft_.text(filter, where);
    if (!list) return;
    const Json started_with = is_llama_server(given_.command) ? sampling_of(given_.command) : Json::object();
    std::string rest = given_.macros.expand(std::move(*list)) + ",";
    for (std::size_t comma; (comma = rest.find(',')) != std::string::npos; rest.erase(0, comma + 1)) {
      std::string name = rest.substr(0, comma);
      std::erase_if(name, [](unsigned char c) { return std::isspace(c) != 0; });
      if (name.empty() || name == "model" || enforced.contains(name)) continue;
      if (started_with.contains(name)) {
        enforced[name] = started_with[name];
        draft_.note(filter.line, where, std::format("{} is enforced as the command has it: {}", name, started_with[name].dump()));
      } else if (find_sampling_field(name)) {
        draft_.leave_out(filter.line, where,
                         std::format("a request's own {} is heeded; write the number that shall hold into `enforced`", name));
      } else {
        draft_.leave_out(filter.line, where, std::format("{}: nothing is taken out of a request", name));
      }
    }
  }

  // Other parameters under another name: a role that enforces them.
  void enforce_by_name(const Yaml::Entry& filter, Json& enforced) {
    const auto& names = draft_.entries(filter, key("filters.setParamsByID"));
    const Yaml::Entry* aliases = given_.model.value.find("aliases");
    const bool has_one_name = names.size() == 1 && (!aliases || aliases->value.items.empty());
    for (const Yaml::Entry& name : names) {
      const std::string alias = given_.macros.expand(name.key), where = key("filters.setParamsByID." + alias);
      Json own = Json::object();
      enforce(name, where, own);
      if (alias != given_.model.key) {
        const bool is_new =
            std::ranges::none_of(draft_.aliases, [&](const Alias& known) { return known.name == alias && known.id == given_.model.key; });
        if (is_new) draft_.aliases.push_back({alias, given_.model.key, name.line, where});
        if (!own.empty()) draft_.role_settings[alias] = {{"enforced", std::move(own)}};
      } else if (has_one_name) {
        enforced.update(own);
      } else if (!own.empty()) {
        draft_.leave_out(name.line, where, "what an id enforces holds for its roles, too; give the model a role of its own for it");
      }
    }
  }

  const ModelFilters& given_;
  Draft& draft_;
};

}  // namespace

Json import_filters(const ModelFilters& filters, Draft& draft) { return FilterImport(filters, draft).run(); }

}  // namespace registry::foreign
