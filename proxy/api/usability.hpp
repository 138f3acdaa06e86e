// What can be used now, of models here and of peers: what the catalog asks when it looks for who answers to a name.
#pragma once

#include "proxy/peers/peers.hpp"
#include "proxy/residency/residency.hpp"
#include "registry/catalog.hpp"

namespace proxy::api {

// Refers to both.
inline registry::Usability usability_of(const residency::Residency& residency, const peers::Peers& peers) {
  return {.model = [&residency](const registry::Model& model) { return residency.unusable(model.id); },
          .peer = [&peers](const std::string& peer) { return peers.unusable(peer); }};
}

}  // namespace proxy::api
