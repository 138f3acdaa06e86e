#include "proxy/admin/reload_request.hpp"

#include "proxy/admin/object_body.hpp"
#include "proxy/admin/refusal.hpp"

namespace proxy::admin {

using common::fail;

common::Result<std::optional<std::string>> read_reload_request(std::string_view body) {
  if (body.empty()) return std::nullopt;
  auto json = read_object(body, {"text"}, R"(send {"text": "..."}, or nothing)");
  if (!json) return fail(json.error());
  auto text = json->find("text");
  if (text == json->end()) return std::nullopt;
  if (!text->is_string()) return refuse("text", "what is to stand in the registry's file is expected, as a string");
  return text->get<std::string>();
}

}  // namespace proxy::admin
