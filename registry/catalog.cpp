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
  as_a.sees = a.sees;
  as_a.projector_problem = a.projector_problem;
  as_a.found_in = a.found_in;
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

Catalog::Roles::const_iterator Catalog::role_meant_by(const std::string& name) const {
  const auto role = roles.find(name);
  // A file that was found later under a role's name: an id is never answered by other weights.
  if (role != roles.end()) return role->second != name && models.contains(name) ? roles.end() : role;
  if (names_a_model(name) || name.size() > kLongestForeignName) return roles.end();
  const auto meant = std::ranges::find_if(patterns, [&](const NamePattern& each) { return matches(each.pattern, name); });
  return meant == patterns.end() ? roles.end() : roles.find(meant->role);
}

common::Result<Resolution> Catalog::resolve(std::string_view name, const WhyUnusable& unusable) const {
  const std::string requested(name);
  const auto role = role_meant_by(requested);
  const std::string& id = role == roles.end() ? requested : role->second;
  const auto model = models.find(id);
  std::optional<std::string> why;
  if (!names_a_model(id)) why = "it is not known";
  else if (role != roles.end() && model != models.end() && unusable) why = unusable(model->second);
  if (why && role != roles.end() && role->first != id) {  // a role that points at itself is an id
    if (const RoleTerms* terms = terms_of(role->first)) {
      for (const std::string& other : terms->fallback) {
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
  if (auto peer = resolve_peer(name)) {
    return fail(common::Error(ErrorKind::model_not_found, std::format("{} is served by the peer {}: it is neither loaded nor unloaded here",
                                                                      peer->id, peer->name))
                    .in("model"));
  }
  std::vector<std::string> known = peer_models();
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

std::optional<PeerResolution> Catalog::resolve_peer(std::string_view name) const {
  const std::string requested(name);
  const auto role = role_meant_by(requested);
  const std::string& id = role == roles.end() ? requested : role->second;
  if (models.contains(id)) return std::nullopt;
  const auto peer = peer_with(id);
  if (peer == peers.end()) return std::nullopt;
  const std::string model = id.substr(peer->first.size() + 1);
  return PeerResolution{.requested = requested,
                        .role = role == roles.end() ? "" : role->first,
                        .id = id,
                        .name = peer->first,
                        .model = model,
                        .peer = peer->second};
}

Catalog::Peers::const_iterator Catalog::peer_with(std::string_view id) const {
  const auto slash = id.find('/');
  if (slash == std::string_view::npos) return peers.end();
  const auto peer = peers.find(std::string(id.substr(0, slash)));
  if (peer == peers.end()) return peer;
  return std::ranges::contains(peer->second.models, id.substr(slash + 1)) ? peer : peers.end();
}

bool Catalog::names_a_model(std::string_view id) const { return models.contains(std::string(id)) || peer_with(id) != peers.end(); }

std::vector<std::string> Catalog::peer_models() const {
  std::vector<std::string> ids;
  for (const auto& [name, peer] : peers) {
    for (const std::string& model : peer.models) ids.push_back(name + "/" + model);
  }
  return ids;
}

const RoleTerms* Catalog::terms_of(const std::string& role) const {
  auto known = role_terms.find(role);
  return known == role_terms.end() ? nullptr : &known->second;
}

int Catalog::priority_of(const std::string& role) const {
  if (const RoleTerms* terms = terms_of(role); terms && terms->priority) return *terms->priority;
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
  return models == other.models && peers == other.peers && roles == other.roles && role_terms == other.role_terms &&
         patterns == other.patterns && model_dirs == other.model_dirs && left_out == other.left_out && pinned == other.pinned &&
         policy == other.policy && memory == other.memory && tiers == other.tiers && server == other.server && warnings == other.warnings;
}

}  // namespace registry
