#include "registry/catalog.hpp"

#include <algorithm>
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

namespace {

constexpr std::size_t kLongestForeignName = 256;  // what is longer is no name, and must not buy work

// '*' stands for any characters, none included.
bool matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0, star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return pattern.substr(p).find_first_not_of('*') == std::string_view::npos;
}

}  // namespace

common::Result<Resolution> Catalog::resolve(std::string_view name, const WhyUnusable& unusable) const {
  const std::string requested(name);
  auto role = roles.find(requested);
  // A file that was found later under a role's name: an id is never answered by other weights.
  if (role != roles.end() && role->second != requested && models.contains(requested)) role = roles.end();
  if (role == roles.end() && !models.contains(requested) && requested.size() <= kLongestForeignName) {
    const auto meant = std::ranges::find_if(patterns, [&](const NamePattern& each) { return matches(each.pattern, requested); });
    if (meant != patterns.end()) role = roles.find(meant->role);
  }
  const std::string& id = role == roles.end() ? requested : role->second;
  const auto model = models.find(id);
  std::optional<std::string> why;
  if (model == models.end()) why = "it is not known";
  else if (role != roles.end() && unusable) why = unusable(model->second);
  if (why && role != roles.end() && role->first != id) {  // a role that points at itself is an id
    if (const auto terms = role_terms.find(role->first); terms != role_terms.end()) {
      for (const std::string& other : terms->second.fallback) {
        const auto stand_in = models.find(other);
        if (stand_in == models.end() || (unusable && unusable(stand_in->second))) continue;
        return Resolution{.requested = requested, .role = role->first, .model = stand_in->second, .instead_of = id, .why = *why};
      }
    }
  }
  // Nobody stands in for it: whoever asks hears from itself what is the matter.
  if (model != models.end()) {
    return Resolution{.requested = requested, .role = role == roles.end() ? "" : role->first, .model = model->second};
  }
  std::vector<std::string> known;
  for (const auto& [known_id, known_model] : models) known.push_back(known_id);
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
  if (auto terms = role_terms.find(role); terms != role_terms.end() && terms->second.priority) return *terms->second.priority;
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
  return models == other.models && roles == other.roles && role_terms == other.role_terms && patterns == other.patterns &&
         model_dirs == other.model_dirs && pinned == other.pinned && policy == other.policy && memory == other.memory &&
         server == other.server && warnings == other.warnings;
}

}  // namespace registry
