// The endpoints that answer at once, from what is known: health, the model, its properties, tokens. None of them waits or generates.
#pragma once

#include "common/json.hpp"
#include "common/result.hpp"
#include "worker/serve/exchange.hpp"
#include "worker/serve/served.hpp"
#include "worker/serve/totals.hpp"

namespace worker::serve {

// `served` is null before the model is loaded. Unknown paths are ErrorKind::not_found, known ones with another method method_not_allowed.
common::Result<common::Json> small_endpoint(const HttpCall& call, const Served* served, const Totals& totals);

}  // namespace worker::serve
