// Bodies of verbs that are one JSON object with few fields. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"

namespace proxy::admin {

// The object, which has no fields but these. ErrorKind::bad_request, with the field that is not known and the nearest one; `example` says
// what to send.
common::Result<common::Json> read_object(std::string_view body, const std::vector<std::string>& fields, const char* example);

}  // namespace proxy::admin
