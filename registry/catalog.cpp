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
  as_a.edits = a.edits;
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

std::optional<Catalog::Meaning> Catalog::target_of(const std::string& role) const {
  if (role == kActiveRole && chosen) return Meaning{.role = role, .id = *chosen};
  if (const auto known = roles.find(role); known != roles.end()) return Meaning{.role = role, .id = known->second};
  if (role == kActiveRole) return target_of(kDefaultRole);
  return std::nullopt;
}

std::optional<Catalog::Meaning> Catalog::role_meant_by(const std::string& name) const {
  if (auto role = target_of(name)) {
    // A file that was found later under a role's name: an id is never answered by other weights.
    const bool is_an_id = role->id != name && models.contains(name);
    return is_an_id ? std::nullopt : role;
  }
  if (names_a_model(name) || name.size() > kLongestForeignName) return std::nullopt;
  const auto meant = std::ranges::find_if(patterns, [&](const NamePattern& each) { return matches(each.pattern, name); });
  return meant == patterns.end() ? std::nullopt : target_of(meant->role);
}

std::optional<std::string> Catalog::why_unusable(const std::string& id, const Usability& usability) const {
  if (const auto model = models.find(id); model != models.end()) return usability.model ? usability.model(model->second) : std::nullopt;
  if (const auto peer = peer_with(id); peer != peers.end()) return usability.peer ? usability.peer(peer->first) : std::nullopt;
  return "it is not known";
}

Route Catalog::route_to(std::string requested, std::string role, const std::string& id) const {
  if (const auto model = models.find(id); model != models.end())
    return Resolution{.requested = std::move(requested), .role = std::move(role), .model = model->second};
  const auto peer = peer_with(id);
  return PeerResolution{.requested = std::move(requested),
                        .role = std::move(role),
                        .id = id,
                        .name = peer->first,
                        .model = id.substr(peer->first.size() + 1),
                        .peer = peer->second};
}

common::Result<Route> Catalog::route(std::string_view name, const Usability& usability) const {
  const std::string requested(name);
  const auto role = role_meant_by(requested);
  const std::string& id = role ? role->id : requested;
  const RoleTerms* terms = role && role->role != id ? terms_of(role->role) : nullptr;  // a role that points at itself is an id
  if (const auto why = terms ? why_unusable(id, usability) : std::nullopt) {
    const auto stand_in = std::ranges::find_if(terms->fallback, [&](const std::string& other) { return !why_unusable(other, usability); });
    if (stand_in != terms->fallback.end()) {
      Route other = route_to(requested, role->role, *stand_in);
      const auto label = [&](auto& target) {
        target.instead_of = id;
        target.why = *why;
      };
      std::visit(label, other);
      return other;
    }
  }
  // Nobody stands in for it: whoever asks hears from itself what is the matter.
  if (names_a_model(id)) return route_to(requested, role ? role->role : "", id);
  return fail(not_found(requested, role));
}

common::Result<Resolution> Catalog::resolve(std::string_view name) const {
  auto found = route(name);
  if (!found) return fail(found.error());
  if (auto* here = std::get_if<Resolution>(&*found)) return std::move(*here);
  const auto& there = std::get<PeerResolution>(*found);
  return fail(common::Error(ErrorKind::model_not_found,
                            std::format("{} is served by the peer {}: it is neither loaded nor unloaded here", there.id, there.name))
                  .in("model"));
}

common::Error Catalog::not_found(const std::string& requested, const std::optional<Meaning>& role) const {
  const auto error = [](std::string message) { return common::Error(ErrorKind::model_not_found, std::move(message)).in("model"); };
  std::vector<std::string> known = peer_models();
  for (const auto& [known_id, known_model] : models) known.push_back(known_id);
  if (role && role->role == kActiveRole && chosen) return error(*problem_with_choice());
  if (role) {
    return error(std::format("the role {} points at {}, and no model file of that id is known; {}", role->role, role->id,
                             known.empty() ? "no model is known at all: name a folder of GGUF files in model_dirs"
                                           : "repoint it in the registry's \"models\" section, or add the file to a model_dirs folder"));
  }
  if (requested == kActiveRole) return error("nothing is chosen and there is no role default: `perch active NAME` chooses a model");
  for (const auto& [known_role, target] : roles) known.push_back(known_role);
  const std::string hint = common::did_you_mean(common::nearest_names(requested, known));
  return error(std::format("no role or model is called \"{}\"; {}", requested.substr(0, 200),
                           hint.empty() ? "GET /v1/models lists what there is" : hint));
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

Catalog::Roles Catalog::meanings() const {
  Roles all = roles;
  if (chosen && (*chosen == kActiveRole || !models.contains(kActiveRole))) all[kActiveRole] = *chosen;
  return all;
}

std::vector<std::string> Catalog::roles_of(std::string_view id) const {
  std::vector<std::string> names;
  for (const auto& [role, target] : meanings()) {
    if (target == id) names.push_back(role);
  }
  return names;
}

std::optional<std::string> Catalog::problem_with_choice() const {
  if (!chosen) return std::nullopt;
  if (*chosen != kActiveRole && models.contains(kActiveRole)) {
    return std::format(
        "a model here has the id {}, and an id is never answered by other weights: whoever asks for {} gets that model, not {}",
        kActiveRole, kActiveRole, *chosen);
  }
  if (names_a_model(*chosen)) return std::nullopt;
  return std::format(
      "{}, which was chosen, is no model here any more: `perch active NAME` chooses another one, `perch active --clear` none", *chosen);
}

bool Catalog::same_content(const Catalog& other) const {
  return models == other.models && peers == other.peers && roles == other.roles && role_terms == other.role_terms &&
         patterns == other.patterns && model_dirs == other.model_dirs && left_out == other.left_out && pinned == other.pinned &&
         policy == other.policy && memory == other.memory && tiers == other.tiers && server == other.server && warnings == other.warnings;
}

}  // namespace registry
