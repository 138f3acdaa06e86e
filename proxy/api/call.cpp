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

namespace {

void set_fields(const common::Json& fields, common::Json& body) {
  if (!fields.is_object()) return;
  for (const auto& [name, value] : fields.items()) body[name] = value;
}

void apply_terms(const registry::RoleTerms& terms, common::Json& body) {
  const auto says = [&body](const char* name) {
    auto at = body.find(name);
    return at != body.end() && !at->is_null();
  };
  // One limit has three names in requests.
  const bool limits_tokens = says("max_tokens") || says("max_completion_tokens") || says("n_predict");
  if (terms.sampling.is_object()) {
    for (const auto& [name, value] : terms.sampling.items()) {
      if (name == "max_tokens" ? !limits_tokens : !says(name.c_str())) body[name] = value;
    }
  }
  if (terms.enforced.is_object()) {
    for (const auto& [name, value] : terms.enforced.items()) {
      body[name] = value;
      if (name != "max_tokens") continue;
      body.erase("max_completion_tokens");
      body.erase("n_predict");
    }
  }
  if (terms.context_tokens == 0) return;
  auto asked = body.find("context_tokens");
  const bool asks_for_less = asked != body.end() && asked->is_number_unsigned() && asked->get<std::uint64_t>() < terms.context_tokens;
  if (!asks_for_less) body["context_tokens"] = terms.context_tokens;
}

}  // namespace

void apply_registry(const registry::RequestEdits& edits, const registry::RoleTerms* terms, common::Json& body) {
  for (const std::string& name : edits.strip_fields) body.erase(name);
  if (terms) apply_terms(*terms, body);
  set_fields(edits.set_fields, body);
  if (terms) set_fields(terms->set_fields, body);
}

}  // namespace proxy::api
