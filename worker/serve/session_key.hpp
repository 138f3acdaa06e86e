// What a saved state may be used under: everything that decides about its bytes and what they mean.
#pragma once

#include <string>
#include <vector>

#include "worker/engine/context.hpp"
#include "worker/serve/served.hpp"

namespace worker::serve {

// Of files as they are now; empty if one of them cannot be opened.
std::string identity_of(const std::vector<std::string>& files);

// "sha256:..." over the artifact's digest (adapters and projector with it), the identity of the files, the context's settings, the
// build of the engine and the version of the worker. The digest alone knows neither weights that were exchanged in place nor two trainings of one shape; device,
// inode and times of the files do. Empty when the files are not those any more that were about to be loaded: nobody knows what was.
std::string session_key(const Served& served, const engine::Context& context);

}  // namespace worker::serve
