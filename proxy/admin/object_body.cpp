#include "proxy/admin/object_body.hpp"

#include <algorithm>
#include <format>

#include "common/names.hpp"

namespace proxy::admin {

using common::ErrorKind;
using common::fail;

common::Result<common::Json> read_object(std::string_view body, const std::vector<std::string>& fields, const char* example) {
  auto object = common::parse_json(body);
  if (!object) return fail(object.error());
  if (!object->is_object()) return fail(ErrorKind::bad_request, std::format("an object is expected: {}", example));
  for (const auto& [key, value] : object->items()) {
    if (std::ranges::contains(fields, key)) continue;
    const std::string field = key.substr(0, 100), hint = common::did_you_mean(common::nearest_names(key, fields, 1));
    return fail(
        common::Error(ErrorKind::bad_request, std::format("unknown field \"{}\"; {}", field, hint.empty() ? example : hint)).in(field));
  }
  return object;
}

}  // namespace proxy::admin
