// What can be used now, of models here and of peers: what the catalog asks when it looks for who answers to a name.
#pragma once

#include <map>
#include <string>

#include "common/error.hpp"
#include "proxy/peers/peers.hpp"
#include "proxy/residency/residency.hpp"
#include "registry/catalog.hpp"

namespace proxy::api {

// Refers to both.
inline registry::Usability usability_of(const residency::Residency& residency, const peers::Peers& peers) {
  return {.model = [&residency](const registry::Model& model) { return residency.unusable(model.id); },
          .peer = [&peers](const std::string& peer) { return peers.unusable(peer); }};
}

// Likewise, for a request that could not ask some peers, by name and with the reason: it does not ask them again. Refers to all three.
inline registry::Usability usability_of(const residency::Residency& residency, const peers::Peers& peers,
                                        const std::map<std::string, common::Error>& passed) {
  registry::Usability usability = usability_of(residency, peers);
  usability.peer = [&peers, &passed](const std::string& peer) -> std::optional<std::string> {
    auto why = peers.unusable(peer);
    if (!why && passed.contains(peer)) why = "its peer could not be asked";
    return why;
  };
  return usability;
}

}  // namespace proxy::api
