// What an inference request says, as far as the proxy needs to know. The worker checks the rest.
#pragma once

#include <string>
#include <string_view>

#include "common/json.hpp"

namespace proxy::api {

struct Call {
  std::string model;  // a role or an id, as the caller wrote it
  bool stream = false;
  common::Json body;
};

// Pure. A missing `model` asks for the role "default".
common::Result<Call> parse_call(std::string_view body);

}  // namespace proxy::api
