// What an inference request says, as far as the proxy needs to know. The worker checks the rest.
#pragma once

#include <string>
#include <string_view>

#include "common/json.hpp"
#include "registry/catalog.hpp"

namespace proxy::api {

struct Call {
  std::string model;  // a role or an id, as the caller wrote it
  bool stream = false;
  common::Json body;
};

// Has the body say what the registry says of requests to a model, or to a peer's, by the role that it was asked for by (null: none). First
// strip_fields are taken out. Then it says what holds for the role: its enforced fields whatever the body says, its sampling where the body
// says nothing, and how much of the context there is; the model's own sampling and enforced fields come later, with its worker
// (parcel.hpp). At last it gets set_fields, the model's and then the role's. Pure.
void apply_registry(const registry::RequestEdits& edits, const registry::RoleTerms* terms, common::Json& body);

// Pure. A missing `model` asks for the role "default".
common::Result<Call> parse_call(std::string_view body);

}  // namespace proxy::api
