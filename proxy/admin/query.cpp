#include "proxy/admin/query.hpp"

#include <algorithm>
#include <format>

#include "common/names.hpp"
#include "common/whole_number.hpp"
#include "proxy/admin/refusal.hpp"
#include "proxy/net/router.hpp"

namespace proxy::admin {

using common::Error;
using common::ErrorKind;
using common::fail;
using common::Result;

Result<std::vector<std::pair<std::string, std::string>>> read_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    const std::string name(pair.substr(0, equals));
    auto value = net::percent_decode(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
    if (!value) return fail(Error(ErrorKind::bad_request, name.substr(0, 100) + ": a % must be followed by two hexadecimal digits"));
    parameters.emplace_back(name, std::move(*value));
  }
  return parameters;
}

Result<std::uint64_t> read_number(const std::string& text, const std::string& name, std::uint64_t least, std::uint64_t most) {
  if (const auto value = common::whole_number<std::uint64_t>(text); value && *value >= least && *value <= most) return *value;
  return refuse(name, std::format("a whole number from {} to {}", least, most), text);
}

Error unknown_parameter(const std::string& name, const std::vector<std::string>& known) {
  const std::string hint = common::did_you_mean(common::nearest_names(name, known, 1));
  return Error(ErrorKind::bad_request, std::format("unknown parameter \"{}\"{}", name.substr(0, 100), hint.empty() ? "" : ", " + hint))
      .in(name.substr(0, 100));
}

}  // namespace proxy::admin
