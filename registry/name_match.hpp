// Which model a person means who says part of its name. Pure.
#pragma once

#include <string>
#include <string_view>

#include "registry/catalog.hpp"

namespace registry {

// What it was found by: its id, a role that means it, or a fragment that only it has.
enum class FoundBy { id, role, fragment };
std::string_view to_string(FoundBy by);

struct NameMatch {
  std::string id;  // of a model here or at a peer
  FoundBy by = FoundBy::id;
};

// An exact id before an exact role before the one model whose id is that but for upper and lower case before the only one that has `said`,
// in whatever case, in its id or in its description. ErrorKind::bad_request with the models that are meant equally well; model_not_found
// with the nearest names, or when the role's model is not known.
common::Result<NameMatch> match_name(std::string_view said, const Catalog& catalog);

}  // namespace registry
