// `perch inspect FILE`: what a model file says of itself and what loading it would take. Works without a daemon.
#pragma once

#include <filesystem>
#include <optional>

#include "registry/memory_prediction.hpp"

namespace proxy::cli {

// `simulated_by`: the worker that asks libllama too (empty: the one beside this program); nothing: the prediction will do.
int inspect_file(const std::filesystem::path& file, const registry::RunShape& shape, std::optional<std::filesystem::path> simulated_by,
                 bool json);

}  // namespace proxy::cli
