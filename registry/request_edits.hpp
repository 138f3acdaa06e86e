// What an entry of the registry says of changing requests: docs/registry.md#fields-of-requests.
#pragma once

#include "registry/catalog.hpp"
#include "registry/section_reader.hpp"

namespace registry {

// `strip_fields` and `set_fields` of a model or a peer.
RequestEdits read_request_edits(SectionReader& entry);
// `set_fields` alone; null: there are none.
common::Json read_set_fields(SectionReader& entry);
// Why a field of requests is not to be touched; empty: it may be.
std::string problem_with_edited_field(std::string_view name);

}  // namespace registry
