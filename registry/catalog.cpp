#include "registry/catalog.hpp"

#include <format>

#include "common/names.hpp"

namespace registry {

using common::ErrorKind;
using common::fail;

bool same_process(const Model& a, const Model& b) {
  Model as_a = b;
  as_a.description = a.description;
  as_a.discovered = a.discovered;
  as_a.idle_ttl = a.idle_ttl;
  as_a.max_requests = a.max_requests;
  as_a.memory_bytes = a.memory_bytes;
  as_a.facts = a.facts;
  as_a.facts_problem = a.facts_problem;
  return as_a == a;
}

common::Result<Resolution> Catalog::resolve(std::string_view name) const {
  const std::string requested(name);
  auto role = roles.find(requested);
  const std::string& id = role == roles.end() ? requested : role->second;
  if (auto model = models.find(id); model != models.end()) {
    return Resolution{.requested = requested, .role = role == roles.end() ? "" : role->first, .model = model->second};
  }
  std::vector<std::string> known;
  for (const auto& [known_id, model] : models) known.push_back(known_id);
  if (role != roles.end()) {
    return fail(common::Error(
                    ErrorKind::model_not_found,
                    std::format("the role {} points at {}, and no model file of that id is known; {}", requested, id,
                                known.empty() ? "no model is known at all: name a folder of GGUF files in model_dirs"
                                              : "repoint it in the registry's \"models\" section, or add the file to a model_dirs folder"))
                    .in("model"));
  }
  for (const auto& [known_role, target] : roles) known.push_back(known_role);
  const std::string hint = common::did_you_mean(common::nearest_names(requested, known));
  return fail(common::Error(ErrorKind::model_not_found, std::format("no role or model is called \"{}\"; {}", requested.substr(0, 200),
                                                                    hint.empty() ? "GET /v1/models lists what there is" : hint))
                  .in("model"));
}

int Catalog::priority_of(const std::string& role) const {
  auto known = policy.priorities.find(role);
  return known == policy.priorities.end() ? 0 : known->second;
}

std::vector<std::string> Catalog::roles_of(std::string_view id) const {
  std::vector<std::string> names;
  for (const auto& [role, target] : roles) {
    if (target == id) names.push_back(role);
  }
  return names;
}

bool Catalog::same_content(const Catalog& other) const {
  return models == other.models && roles == other.roles && model_dirs == other.model_dirs && pinned == other.pinned &&
         policy == other.policy && memory == other.memory && server == other.server && warnings == other.warnings;
}

}  // namespace registry
