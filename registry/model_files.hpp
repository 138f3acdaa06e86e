// What stat(2) says of the files behind a model: whether they are still the same, and how large they are.
#pragma once

#include <string>

#include "registry/catalog.hpp"

namespace registry {

// Whether the files behind a model are still the same: the identity of the artifact, of each file of a split one, of its adapters and of
// its projector. Empty while the artifact is not whole. Blocks.
std::string identity_of(const Model& model);

// Fills in what of a model comes from there: identity, bytes, beside_bytes. Blocks.
void measure(Model& model);

}  // namespace registry
