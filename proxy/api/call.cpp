#include "proxy/api/call.hpp"

namespace proxy::api {

using common::Error;
using common::ErrorKind;
using common::fail;

common::Result<Call> parse_call(std::string_view body) {
  auto json = common::parse_json(body);
  if (!json) return fail(json.error());
  if (!json->is_object()) return fail(ErrorKind::bad_request, "the body must be one JSON object");
  Call call{.model = "default"};
  if (auto model = json->find("model"); model != json->end()) {
    if (!model->is_string() || model->get_ref<const std::string&>().empty())
      return fail(Error(ErrorKind::bad_request, "model must be a string that names a role or a model").in("model"));
    call.model = model->get<std::string>();
  }
  if (auto stream = json->find("stream"); stream != json->end() && !stream->is_null()) {
    if (!stream->is_boolean()) return fail(Error(ErrorKind::bad_request, "stream must be true or false").in("stream"));
    call.stream = stream->get<bool>();
  }
  call.body = std::move(*json);
  return call;
}

}  // namespace proxy::api
