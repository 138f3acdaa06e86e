#include "proxy/admin/reload_request.hpp"

#include <format>

#include "common/json.hpp"

namespace proxy::admin {

using common::Error;
using common::ErrorKind;
using common::fail;

common::Result<std::optional<std::string>> read_reload_request(std::string_view body) {
  if (body.empty()) return std::nullopt;
  auto json = common::parse_json(body);
  if (!json) return fail(json.error());
  if (!json->is_object()) return fail(ErrorKind::bad_request, "an object is expected, or nothing");
  std::optional<std::string> text;
  for (const auto& [key, value] : json->items()) {
    const std::string field = key.substr(0, 100);
    if (key != "text") return fail(Error(ErrorKind::bad_request, std::format("unknown field \"{}\"; there is \"text\"", field)).in(field));
    if (!value.is_string())
      return fail(Error(ErrorKind::bad_request, "text: what is to stand in the registry's file is expected, as a string").in(field));
    text = value.get<std::string>();
  }
  return text;
}

}  // namespace proxy::admin
