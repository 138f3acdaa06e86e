#include "registry/plan.hpp"

#include <algorithm>
#include <set>

#include "common/names.hpp"
#include "registry/registry_file.hpp"
#include "registry/section_reader.hpp"

namespace registry {

using common::Json;

namespace {

void compare(const std::string& pointer, const Json* before, const Json* after, std::vector<KeyChange>& found) {
  if (before && after && *before == *after) return;
  const bool both_objects = before && after && before->is_object() && after->is_object();
  if (!both_objects) {
    KeyChange change{.pointer = pointer, .before = {}, .after = {}};
    if (before) change.before = *before;
    if (after) change.after = *after;
    found.push_back(std::move(change));
    return;
  }
  const auto value = [](const Json& object, const std::string& key) {
    auto at = object.find(key);
    return at == object.end() ? nullptr : &*at;
  };
  for (const auto& [key, old] : before->items()) compare(pointer + "/" + escape_pointer(key), &old, value(*after, key), found);
  for (const auto& [key, fresh] : after->items()) {
    if (!before->contains(key)) compare(pointer + "/" + escape_pointer(key), nullptr, &fresh, found);
  }
}

// The object that a catalog was read from; one that was made in memory has none.
Json document_of(const Catalog& catalog) {
  auto parsed = common::parse_json(catalog.text);
  return parsed && parsed->is_object() ? std::move(*parsed) : Json::object();
}

const Json* member(const Json& object, const std::string& key) {
  if (!object.is_object()) return nullptr;
  auto at = object.find(key);
  return at == object.end() ? nullptr : &*at;
}

const Json* entry_of(const Json& document, const std::string& id) {
  const Json* entries = member(document, "catalog");
  return entries ? member(*entries, id) : nullptr;
}

void plan_models(const Catalog& before, const Catalog& after, const Json& old_document, const Json& new_document, Plan& plan) {
  const auto keys_of = [&](const std::string& id) {
    std::vector<KeyChange> keys;
    const Json *old_entry = entry_of(old_document, id), *new_entry = entry_of(new_document, id);
    if (old_entry || new_entry) compare("/catalog/" + escape_pointer(id), old_entry, new_entry, keys);
    return keys;
  };
  for (const auto& [id, old] : before.models) {
    auto now = after.models.find(id);
    if (now == after.models.end()) {
      plan.models.push_back({.id = id, .fate = ModelFate::removed, .keys = keys_of(id), .worker_leaves = true});
      continue;
    }
    ModelChange change{.id = id,
                       .fate = ModelFate::changed,
                       .keys = keys_of(id),
                       .file_changed = old.identity != now->second.identity,
                       .worker_leaves = !same_process(old, now->second)};
    if (!change.keys.empty() || change.file_changed || change.worker_leaves) plan.models.push_back(std::move(change));
  }
  for (const auto& [id, fresh] : after.models) {
    if (!before.models.contains(id)) plan.models.push_back({.id = id, .fate = ModelFate::added, .keys = keys_of(id)});
  }
}

void plan_roles(const Catalog& before, const Catalog& after, Plan& plan) {
  for (const auto& [role, id] : before.roles) {
    auto now = after.roles.find(role);
    if (now == after.roles.end()) plan.roles.push_back({.role = role, .before = id, .after = std::nullopt});
    else if (now->second != id) plan.roles.push_back({.role = role, .before = id, .after = now->second});
  }
  std::vector<std::string> known = after.peer_models();
  for (const auto& [id, model] : after.models) known.push_back(id);
  for (const auto& [role, id] : after.roles) {
    if (!before.roles.contains(role)) plan.roles.push_back({.role = role, .before = std::nullopt, .after = id});
    if (!after.names_a_model(id)) plan.unknown_targets.push_back({.role = role, .id = id, .nearest = common::nearest_names(id, known)});
  }
}

void plan_sections(const Json& old_document, const Json& new_document, Plan& plan) {
  for (const std::string section : kSections) {
    if (section == "models" || section == "catalog") continue;  // they have a part of the plan to themselves
    const Json *old_section = member(old_document, section), *new_section = member(new_document, section);
    if (old_section || new_section) compare("/" + section, old_section, new_section, plan.settings);
  }
  const std::set<std::string> ours(std::begin(kSections), std::end(kSections));
  const auto look = [&](const Json& these, const Json& others) {
    for (const auto& [key, value] : these.items()) {
      const Json* other = member(others, key);
      const bool differs = !other || *other != value;
      if (!ours.contains(key) && differs && !std::ranges::contains(plan.foreign, key)) plan.foreign.push_back(key);
    }
  };
  look(old_document, new_document);
  look(new_document, old_document);
}

}  // namespace

std::string_view to_string(ModelFate fate) {
  switch (fate) {
    case ModelFate::added: return "added";
    case ModelFate::removed: return "removed";
    case ModelFate::changed: return "changed";
  }
  return "changed";
}

std::vector<KeyChange> differences(const Json& before, const Json& after) {
  std::vector<KeyChange> found;
  compare("", &before, &after, found);
  return found;
}

Plan plan_of(const Catalog& before, const Catalog& after) {
  Plan plan{.digest_before = before.digest, .digest_after = after.digest, .changes = !before.same_content(after)};
  const Json old_document = document_of(before), new_document = document_of(after);
  plan_models(before, after, old_document, new_document, plan);
  plan_roles(before, after, plan);
  plan_sections(old_document, new_document, plan);
  plan.warnings = after.warnings;
  plan.needs_restart = before.server.listen != after.server.listen;
  return plan;
}

Json changes_json(const std::vector<KeyChange>& changes) {
  Json list = Json::array();
  for (const KeyChange& change : changes) {
    Json json{{"pointer", change.pointer}};
    if (change.before) json["before"] = *change.before;
    if (change.after) json["after"] = *change.after;
    list.push_back(std::move(json));
  }
  return list;
}

Json plan_json(const Plan& plan) {
  Json models = Json::array(), roles = Json::array(), unknown = Json::array();
  for (const ModelChange& change : plan.models) {
    models.push_back({{"id", change.id},
                      {"fate", to_string(change.fate)},
                      {"keys", changes_json(change.keys)},
                      {"file_changed", change.file_changed},
                      {"worker_leaves", change.worker_leaves}});
  }
  for (const RoleChange& change : plan.roles)
    roles.push_back(
        {{"role", change.role}, {"before", common::json_or_null(change.before)}, {"after", common::json_or_null(change.after)}});
  for (const UnknownTarget& target : plan.unknown_targets)
    unknown.push_back({{"role", target.role}, {"id", target.id}, {"nearest", target.nearest}});
  return {{"digest_before", plan.digest_before},
          {"digest_after", plan.digest_after},
          {"changes", plan.changes},
          {"models", std::move(models)},
          {"roles", std::move(roles)},
          {"settings", changes_json(plan.settings)},
          {"foreign", plan.foreign},
          {"unknown_targets", std::move(unknown)},
          {"warnings", plan.warnings},
          {"needs_restart", plan.needs_restart}};
}

}  // namespace registry
