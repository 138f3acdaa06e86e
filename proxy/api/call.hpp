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

// Has the body say what holds for who asks by a role: its enforced fields whatever the body says, its sampling where the body says nothing,
// and how much of the context there is. What the model's own entry says is added by the worker: its enforced fields stand before these, its
// sampling behind them. Pure.
void apply_terms(const registry::RoleTerms& terms, common::Json& body);

// Pure. A missing `model` asks for the role "default".
common::Result<Call> parse_call(std::string_view body);

}  // namespace proxy::api
