// What llama-swap does to requests before they travel on: fields are taken out (strip_fields), numbers that choose tokens enforced, and
// others set (set_fields).
#pragma once

#include "registry/foreign/draft.hpp"

namespace registry::foreign {

struct ModelFilters {
  const Yaml::Entry& model;
  const Yaml::Entry& filters;
  const Macros& macros;  // the model's own among them
};

// Into the model's entry of the catalog. Names with parameters of their own become roles of the draft.
void import_filters(const ModelFilters& filters, common::Json& entry, Draft& draft);
// Into a peer's entry; `key`: where they stand.
void import_peer_filters(const Yaml::Entry& filters, const std::string& key, const Macros& macros, common::Json& entry, Draft& draft);

}  // namespace registry::foreign
