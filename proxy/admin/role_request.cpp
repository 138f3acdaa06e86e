#include "proxy/admin/role_request.hpp"

#include <format>

#include "proxy/admin/object_body.hpp"
#include "proxy/admin/refusal.hpp"

namespace proxy::admin {

using common::fail;
using common::Result;

namespace {

constexpr const char* kExample = R"(send {"model": "an id"}, with "when_idle", "after_load" or "force": true if you like)";

}  // namespace

Result<RoleRequest> read_role_request(std::string_view text) {
  auto body = read_object(text, {"model", "when_idle", "after_load", "force"}, kExample);
  if (!body) return fail(body.error());
  RoleRequest request;
  if (auto model = body->find("model"); model != body->end()) {
    if (!model->is_string() || model->get_ref<const std::string&>().empty())
      return refuse("model", "the id of a model is expected, a string");
    request.model = model->get<std::string>();
  }
  const struct {
    const char* name;
    bool* value;
  } flags[] = {{"when_idle", &request.when_idle}, {"after_load", &request.after_load}, {"force", &request.force}};
  for (const auto& flag : flags) {
    auto said = body->find(flag.name);
    if (said == body->end()) continue;
    if (!said->is_boolean()) return refuse(flag.name, "true or false is expected");
    *flag.value = said->get<bool>();
  }
  if (request.model.empty()) return refuse("model", std::format("it is missing; {}", kExample));
  return request;
}

}  // namespace proxy::admin
