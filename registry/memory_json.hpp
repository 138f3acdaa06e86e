// What is known of a model file and of the memory it takes, as JSON. Pure.
#pragma once

#include "common/json.hpp"
#include "registry/memory_prediction.hpp"

namespace registry {

common::Json json_of(const ModelFacts& facts);
common::Json json_of(const MemoryNeed& need);
common::Json json_of(const RunShape& shape);

}  // namespace registry
