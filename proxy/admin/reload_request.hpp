// What POST /admin/v1/registry/reload carries: nothing, or a text that is to be planned instead of the file's. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace proxy::admin {

// The "text" of the body; nothing: there is none. ErrorKind::bad_request with the field that is wrong.
common::Result<std::optional<std::string>> read_reload_request(std::string_view body);

}  // namespace proxy::admin
