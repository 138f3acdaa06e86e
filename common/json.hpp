// Strict JSON for input that we did not write: network bodies, control lines, the registry.
//
// RFC 8259, and on top of it: at most `kMaxJsonDepth` levels, no duplicate keys, valid UTF-8, finite numbers. A failure says where.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace common {

using Json = nlohmann::ordered_json;  // keeps the order in which keys were written: tool schemas and registry files depend on it

inline constexpr int kMaxJsonDepth = 64;

Result<Json> parse_json(std::string_view text);

// One line, invalid UTF-8 replaced rather than thrown about.
std::string dump_json(const Json& value);

inline Json json_or_null(const std::optional<std::string>& text) { return text ? Json(*text) : Json(nullptr); }
// Null where the text is empty.
inline Json json_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

}  // namespace common
