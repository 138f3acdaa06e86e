// The query of a request, taken apart. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.hpp"

namespace proxy::admin {

// Names as they are, values percent-decoded, in their order. ErrorKind::bad_request for a broken escape.
common::Result<std::vector<std::pair<std::string, std::string>>> read_query(std::string_view query);

// ErrorKind::bad_request with the parameter's name and its limits.
common::Result<std::uint64_t> read_number(const std::string& text, const std::string& name, std::uint64_t least, std::uint64_t most);
// There is no such parameter; `known` are those that there are.
common::Error unknown_parameter(const std::string& name, const std::vector<std::string>& known);

}  // namespace proxy::admin
