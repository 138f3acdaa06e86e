// What stat(2) says of the files behind a model: whether they are still the same, and how large they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "registry/catalog.hpp"

namespace registry {

// Whether the files behind a model are still the same: the identity of the artifact, of each file of a split one, of its adapters and of
// its projector. Empty while the artifact is not whole. Blocks.
std::string identity_of(const Model& model);

// What of a model comes from there, as in Model.
struct FileFigures {
  std::string identity;
  std::optional<std::uint64_t> bytes;
  std::uint64_t beside_bytes = 0;
};
FileFigures figures_of(const Model& model);  // Blocks.
void set_figures(Model& model, FileFigures figures);
// Both.
void measure(Model& model);

}  // namespace registry
