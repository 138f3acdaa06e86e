// $ref: JSON pointers within the same schema, nothing else.
#pragma once

#include <string_view>

#include "common/json.hpp"
#include "common/result.hpp"
#include "worker/chat/schema/cases.hpp"

namespace worker::chat::schema {

// `from` is the pointer of the schema that holds the reference.
common::Result<Place> resolve_reference(const common::Json& root, std::string_view from, const common::Json& reference);

}  // namespace worker::chat::schema
