#include "registry/foreign/llama_swap_filters.hpp"

#include <algorithm>
#include <cctype>
#include <format>

#include "registry/foreign/llama_server.hpp"
#include "registry/request_edits.hpp"

namespace registry::foreign {

using common::Json;

namespace {

// Notes what must not be touched; llama-swap leaves `model` alone without a word.
bool may_be_edited(const std::string& name, int line, const std::string& where, Draft& draft) {
  const std::string problem = problem_with_edited_field(name);
  if (!problem.empty() && !name.empty() && name != "model") draft.leave_out(line, where, problem);
  return problem.empty();
}

bool is_strip(const Yaml::Entry& filter) { return filter.key == "stripParams" || filter.key == "strip_params"; }

// The names in a list with commas.
void strip(const Yaml::Entry& filter, const std::string& where, const Macros& macros, Json& entry, Draft& draft) {
  auto list = draft.text(filter, where);
  if (!list) return;
  Json names = Json::array();
  std::string rest = macros.expand(std::move(*list)) + ",";
  for (std::size_t comma; (comma = rest.find(',')) != std::string::npos; rest.erase(0, comma + 1)) {
    std::string name = rest.substr(0, comma);
    std::erase_if(name, [](unsigned char c) { return std::isspace(c) != 0; });
    if (may_be_edited(name, filter.line, where, draft) && !std::ranges::contains(names, Json(name))) names.push_back(std::move(name));
  }
  if (!names.empty()) entry["strip_fields"] = std::move(names);
}

void tell_others(const Yaml::Entry& filter, const std::string& where, Draft& draft) {
  draft.leave_out(filter.line, where, "requests are not changed in this way");
}

class FilterImport {
 public:
  FilterImport(const ModelFilters& given, Json& entry, Draft& draft)
      : given_(given), entry_(entry), draft_(draft), is_embedded_(entry.value("runtime", "") != "command") {}

  void run() {
    const std::vector<Yaml::Entry>& all = draft_.entries(given_.filters, key("filters"));
    const Yaml::Entry *everybody = given_.filters.value.find("setParams"), *by_name = given_.filters.value.find("setParamsByID");
    if (everybody && by_name) find_contested(*everybody, *by_name);
    for (const Yaml::Entry& filter : all) {
      const std::string where = key("filters." + filter.key);
      if (is_strip(filter)) strip(filter, key("filters.stripParams"), given_.macros, entry_, draft_);
      else if (&filter == everybody) set(filter, where, entry_);
      else if (&filter != by_name) tell_others(filter, where, draft_);
    }
    if (by_name) set_by_name(*by_name);
  }

 private:
  std::string key(std::string_view name) const { return std::format("models.{}.{}", given_.model.key, name); }

  // What a model enforces stands before what its roles do, so what both set is set as fields, where the role's stand first.
  void find_contested(const Yaml::Entry& everybody, const Yaml::Entry& by_name) {
    for (const Yaml::Entry& name : by_name.value.entries) {
      for (const Yaml::Entry& param : name.value.entries) {
        if (everybody.value.find(param.key)) contested_.push_back(param.key);
      }
    }
  }

  // Into a model's entry, or a role's.
  void set(const Yaml::Entry& params, const std::string& where, Json& into) {
    for (const Yaml::Entry& param : draft_.entries(params, where)) {
      const std::string at = where + "." + param.key;
      if (!may_be_edited(param.key, param.line, at, draft_)) continue;
      Json value = given_.macros.expand_values(json_of(param.value));
      const common::NumberField* field = find_sampling_field(param.key);
      const auto number = field ? sampling_value(*field, value) : std::nullopt;
      if (number && !std::ranges::contains(contested_, param.key)) into["enforced"][param.key] = *number;
      else if (field && !number && is_embedded_) tell_limits(param.line, at, *field, value);
      else into["set_fields"][param.key] = std::move(value);
    }
  }

  void tell_limits(int line, const std::string& at, const common::NumberField& field, const Json& value) {
    draft_.leave_out(line, at,
                     std::format("a {}number from {} to {} is expected, not {}", field.whole ? "whole " : "", field.low, field.high,
                                 value.dump().substr(0, 100)));
  }

  // Other parameters under another name: a role that has them.
  void set_by_name(const Yaml::Entry& filter) {
    const auto& names = draft_.entries(filter, key("filters.setParamsByID"));
    const Yaml::Entry* aliases = given_.model.value.find("aliases");
    const bool has_one_name = names.size() == 1 && (!aliases || aliases->value.items.empty());
    for (const Yaml::Entry& name : names) {
      const std::string alias = given_.macros.expand(name.key), where = key("filters.setParamsByID." + alias);
      const bool is_id = alias == given_.model.key;
      if (is_id && has_one_name) {
        set(name, where, entry_);
        continue;
      }
      Json own = Json::object();
      set(name, where, own);
      if (is_id && own.empty()) continue;
      if (is_id) draft_.self_roles.push_back(alias);
      else add_alias(alias, name.line, where);
      if (!own.empty()) draft_.role_settings[alias] = std::move(own);
    }
  }

  void add_alias(const std::string& alias, int line, const std::string& where) {
    const auto is_same = [&](const Alias& known) { return known.name == alias && known.id == given_.model.key; };
    if (std::ranges::none_of(draft_.aliases, is_same)) draft_.aliases.push_back({alias, given_.model.key, line, where});
  }

  const ModelFilters& given_;
  Json& entry_;
  Draft& draft_;
  bool is_embedded_;
  std::vector<std::string> contested_;  // set for everybody and for some names
};

}  // namespace

void import_filters(const ModelFilters& filters, Json& entry, Draft& draft) { FilterImport(filters, entry, draft).run(); }

void import_peer_filters(const Yaml::Entry& filters, const std::string& key, const Macros& macros, Json& entry, Draft& draft) {
  for (const Yaml::Entry& filter : draft.entries(filters, key)) {
    const std::string where = key + "." + filter.key;
    if (is_strip(filter)) {
      strip(filter, where, macros, entry, draft);
    } else if (filter.key == "setParams") {
      for (const Yaml::Entry& param : draft.entries(filter, where)) {
        if (may_be_edited(param.key, param.line, where + "." + param.key, draft))
          entry["set_fields"][param.key] = macros.expand_values(json_of(param.value));
      }
    } else {
      tell_others(filter, where, draft);
    }
  }
}

}  // namespace registry::foreign
