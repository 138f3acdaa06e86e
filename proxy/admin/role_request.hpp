// What PUT /admin/v1/roles/{role} asks: which model the role is to mean, and when. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace proxy::admin {

struct RoleRequest {
  std::string model;        // an id
  bool when_idle = false;   // not before nobody runs or waits on what the role points at
  bool after_load = false;  // not before the model is ready
  bool force = false;       // also when no model has this id
};

// The body of a request, {"model": "an id"}. ErrorKind::bad_request with the field that is wrong and what to do.
common::Result<RoleRequest> read_role_request(std::string_view body);

}  // namespace proxy::admin
