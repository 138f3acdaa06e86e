#include "worker/chat/schema/cases.hpp"

#include <algorithm>

namespace worker::chat::schema {

Conjunction member_schemas(const ObjectFacts& facts, const std::string& name) {
  Conjunction schemas;
  for (const auto& part : facts.parts) {
    bool named = false;
    for (const auto& [property, place] : part->properties) {
      if (property != name) continue;
      schemas.push_back(place);
      named = true;
    }
    for (const auto& [language, place] : part->patterns) {
      if (!language->contains(name)) continue;
      schemas.push_back(place);
      named = true;
    }
    if (!named && part->additional) schemas.push_back(*part->additional);
  }
  return schemas;
}

Conjunction item_schemas(const ArrayFacts& facts, std::size_t index) {
  Conjunction schemas;
  for (const auto& part : facts.parts) {
    if (index < part->prefix.size()) {
      schemas.push_back(part->prefix[index]);
    } else if (part->rest) {
      schemas.push_back(*part->rest);
    }
  }
  return schemas;
}

bool says_nothing(const common::Json& schema) { return schema == common::Json(true) || (schema.is_object() && schema.empty()); }

bool is_never(const Conjunction& schemas) {
  return std::ranges::any_of(schemas, [](const Place& place) { return *place.schema == common::Json(false); });
}

}  // namespace worker::chat::schema
