#include "registry/name_match.hpp"

#include <algorithm>
#include <format>
#include <vector>

#include "common/names.hpp"

namespace registry {

using common::Error;
using common::ErrorKind;
using common::fail;
using common::Result;

namespace {

constexpr std::size_t kLongestSaid = 200;
constexpr std::size_t kMostListed = 12;

std::unexpected<Error> refuse(ErrorKind kind, std::string why) { return fail(Error(kind, std::move(why)).in("model")); }

std::string listed(const std::vector<std::string>& ids) {
  std::string text;
  for (std::size_t i = 0; i < std::min(ids.size(), kMostListed); ++i) text += (i > 0 ? ", " : "") + ids[i];
  if (ids.size() > kMostListed) text += std::format(" and {} more", ids.size() - kMostListed);
  return text;
}

Result<NameMatch> of_role(const std::string& role, const std::string& id, const Catalog& catalog) {
  if (catalog.names_a_model(id)) return NameMatch{.id = id, .by = FoundBy::role};
  return refuse(ErrorKind::model_not_found, std::format("the role {} points at {}, and no model of that id is known", role, id));
}

}  // namespace

std::string_view to_string(FoundBy by) {
  switch (by) {
    case FoundBy::id: return "id";
    case FoundBy::role: return "role";
    case FoundBy::fragment: return "fragment";
  }
  return "unknown";
}

Result<NameMatch> match_name(std::string_view said, const Catalog& catalog) {
  const std::string name(said);
  if (name.empty()) return refuse(ErrorKind::bad_request, "model: a name is expected, or a part of one that only one model has");
  if (name.size() > kLongestSaid)
    return refuse(ErrorKind::bad_request, std::format("model: a name of at most {} bytes is expected", kLongestSaid));
  if (catalog.names_a_model(name)) return NameMatch{.id = name, .by = FoundBy::id};
  if (const auto role = catalog.roles.find(name); role != catalog.roles.end()) return of_role(role->first, role->second, catalog);

  const std::string wanted = common::lower(name);
  std::vector<std::string> ids = catalog.peer_models(), equal, holding;
  for (const auto& [id, model] : catalog.models) ids.push_back(id);
  for (const std::string& id : ids) {
    const std::string in_lower = common::lower(id);
    const auto here = catalog.models.find(id);
    const bool described = here != catalog.models.end() && common::lower(here->second.description).contains(wanted);
    if (in_lower == wanted) equal.push_back(id);
    if (described || in_lower.contains(wanted)) holding.push_back(id);
  }
  std::vector<std::string>& meant = equal.empty() ? holding : equal;
  if (meant.size() == 1) return NameMatch{.id = meant.front(), .by = FoundBy::fragment};
  if (meant.size() > 1) {
    std::ranges::sort(meant);
    return refuse(ErrorKind::bad_request,
                  std::format("\"{}\" may be any of {} models: {}; say more of its name", name, meant.size(), listed(meant)));
  }
  for (const auto& [role, id] : catalog.roles) ids.push_back(role);
  const std::string hint = common::did_you_mean(common::nearest_names(name, ids));
  return refuse(ErrorKind::model_not_found, std::format("no model has \"{}\" in its id or its description; {}", name,
                                                        hint.empty() ? "GET /v1/models lists what there is" : hint));
}

}  // namespace registry
