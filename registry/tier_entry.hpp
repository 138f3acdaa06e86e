// The registry's `tiers`: docs/registry.md#tiers.
#pragma once

#include "registry/section_reader.hpp"
#include "registry/tiers.hpp"

namespace registry {

Tiers read_tiers(SectionReader section);

}  // namespace registry
