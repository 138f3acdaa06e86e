// One entry of a llama-swap configuration's models.
#pragma once

#include "registry/foreign/draft.hpp"

namespace registry::foreign {

// Into the draft's catalog, with its aliases; or left out, and the draft says why.
void import_model(const Yaml::Entry& model, const Macros& global, const ImportOptions& options, Draft& draft);
// Those of `entry`, with the names that are none refused.
void add_macros(const Yaml::Entry& entry, const std::string& key, Macros& macros, Draft& draft);

}  // namespace registry::foreign
