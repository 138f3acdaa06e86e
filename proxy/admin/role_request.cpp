#include "proxy/admin/role_request.hpp"

#include <format>
#include <vector>

#include "common/json.hpp"
#include "common/names.hpp"

namespace proxy::admin {

using common::Error;
using common::ErrorKind;
using common::fail;
using common::Json;
using common::Result;

namespace {

constexpr const char* kExample = R"(send {"model": "an id"}, with "when_idle", "after_load" or "force": true if you like)";

std::unexpected<Error> refuse(const std::string& field, const std::string& why) {
  return fail(Error(ErrorKind::bad_request, std::format("{}: {}", field.substr(0, 100), why)).in(field.substr(0, 100)));
}

}  // namespace

Result<RoleRequest> read_role_request(std::string_view text) {
  auto body = common::parse_json(text);
  if (!body) return fail(body.error());
  if (!body->is_object()) return fail(ErrorKind::bad_request, std::format("an object is expected: {}", kExample));
  RoleRequest request;
  const struct {
    const char* name;
    bool* value;
  } flags[] = {{"when_idle", &request.when_idle}, {"after_load", &request.after_load}, {"force", &request.force}};
  for (const auto& [key, value] : body->items()) {
    if (key == "model") {
      if (!value.is_string() || value.get_ref<const std::string&>().empty()) return refuse(key, "the id of a model is expected, a string");
      request.model = value.get<std::string>();
      continue;
    }
    bool known = false;
    for (const auto& flag : flags) {
      if (key != flag.name) continue;
      if (!value.is_boolean()) return refuse(key, "true or false is expected");
      *flag.value = value.get<bool>();
      known = true;
    }
    if (known) continue;
    const std::string hint = common::did_you_mean(common::nearest_names(key, {"model", "when_idle", "after_load", "force"}, 1));
    return refuse(key, "unknown field; " + (hint.empty() ? kExample : hint));
  }
  if (request.model.empty()) return refuse("model", std::format("it is missing; {}", kExample));
  return request;
}

}  // namespace proxy::admin
