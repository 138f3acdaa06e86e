#include "registry/foreign/draft.hpp"

#include <algorithm>
#include <format>

namespace registry::foreign {

std::optional<std::string> Draft::text(const Yaml::Entry& entry, const std::string& key) {
  if (entry.value.kind == Yaml::Kind::null) return "";
  if (entry.value.kind == Yaml::Kind::scalar) return entry.value.text;
  refuse(entry.line, key, "a text is expected");
  return std::nullopt;
}

std::optional<std::int64_t> Draft::whole(const Yaml::Entry& entry, const std::string& key, std::int64_t least) {
  const common::Json value = json_of(entry.value);
  if (value.is_number_integer() && value.get<std::int64_t>() >= least) return value.get<std::int64_t>();
  refuse(entry.line, key, std::format("a whole number of at least {} is expected", least));
  return std::nullopt;
}

std::optional<bool> Draft::flag(const Yaml::Entry& entry, const std::string& key) {
  const common::Json value = json_of(entry.value);
  if (value.is_boolean()) return value.get<bool>();
  refuse(entry.line, key, "true or false is expected");
  return std::nullopt;
}

const std::vector<Yaml::Entry>& Draft::entries(const Yaml::Entry& entry, const std::string& key) {
  if (entry.value.kind != Yaml::Kind::map && entry.value.kind != Yaml::Kind::null) refuse(entry.line, key, "a mapping is expected");
  return entry.value.entries;
}

std::vector<std::pair<std::string, int>> Draft::texts(const Yaml::Entry& entry, const std::string& key) {
  std::vector<std::pair<std::string, int>> list;
  if (entry.value.kind != Yaml::Kind::list && entry.value.kind != Yaml::Kind::null) refuse(entry.line, key, "a list is expected");
  for (const Yaml& item : entry.value.items) {
    if (item.kind == Yaml::Kind::scalar) list.emplace_back(item.text, item.line);
    else refuse(item.line, key, "a list of texts is expected");
  }
  return list;
}

std::string Draft::model_called(const std::string& name) const {
  if (catalog.contains(name)) return name;
  auto alias = std::ranges::find(aliases, name, &Alias::name);
  return alias == aliases.end() || !catalog.contains(alias->id) ? "" : alias->id;
}

void Draft::pin(const std::string& id) {
  if (!std::ranges::contains(pinned, id)) pinned.push_back(id);
}

}  // namespace registry::foreign
