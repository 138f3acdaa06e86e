// What llama-swap does to the requests for a model before they travel on: numbers that can be enforced are, the rest is told.
#pragma once

#include "registry/foreign/draft.hpp"

namespace registry::foreign {

struct ModelFilters {
  const Yaml::Entry& model;
  const Yaml::Entry& filters;
  const Words& command;
  const Macros& macros;  // the model's own among them
};

// What the model enforces, whoever asks. Names with parameters of their own become roles of the draft.
common::Json import_filters(const ModelFilters& filters, Draft& draft);

}  // namespace registry::foreign
