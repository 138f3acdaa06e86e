// Which models llama-swap would run side by side, and what becomes of that where one model that generates text is resident at a time.
#pragma once

#include "registry/foreign/draft.hpp"

namespace registry::foreign {

// After the models. `key`: where it stands, for the report.
void import_groups(const Yaml::Entry& groups, const std::string& key, Draft& draft);
void import_matrix(const Yaml::Entry& matrix, const std::string& key, Draft& draft);

}  // namespace registry::foreign
