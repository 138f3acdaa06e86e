// What GET /admin/v1/fit asks: how a model is to be run. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"
#include "registry/memory_prediction.hpp"

namespace proxy::admin {

struct FitQuestion {
  std::string model;
  registry::RunShape shape;  // zeros and empty types: as the registry has it
  bool says_unified = false;
};

// The query of a request. ErrorKind::bad_request with the parameter that is wrong.
common::Result<FitQuestion> read_fit_question(std::string_view query);
// The shape that is asked about: the registry's, but for what the question says.
registry::RunShape shape_for(const FitQuestion& question, const registry::Model& model);

}  // namespace proxy::admin
