// One entry of the registry's `peers`: docs/registry.md#peers.
#pragma once

#include <functional>
#include <string>

#include "registry/catalog.hpp"
#include "registry/section_reader.hpp"

namespace registry {

// `resolve` makes a path in the registry absolute.
Peer read_peer(SectionReader entry, const std::function<std::string(const std::string&)>& resolve);
// Why a peer cannot be called so; empty: it can.
std::string problem_with_peer_name(std::string_view name);

}  // namespace registry
