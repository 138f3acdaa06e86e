// What is wrong with a parameter of a query or a field of a body, in the words of every admin page: ErrorKind::bad_request with its name.
// Pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace proxy::admin {

// "name: why".
std::unexpected<common::Error> refuse(const std::string& name, std::string_view why);
// "name: what was wanted is expected, not "what was said"", the latter cut short.
std::unexpected<common::Error> refuse(const std::string& name, std::string_view wanted, std::string_view said);

}  // namespace proxy::admin
