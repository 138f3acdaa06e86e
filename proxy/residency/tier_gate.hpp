// Whether a model may be loaded now, by the terms of its tier (registry/tiers.hpp): its hours, and whether somebody is at work. Pure; the
// Conductor asks where a request arrives.
#pragma once

#include <optional>

#include "common/clock.hpp"
#include "common/error.hpp"
#include "proxy/residency/core.hpp"

namespace proxy::residency {

// How long its tier is still outside its hours, by terms that were set at `since`; nothing: it is not.
std::optional<milliseconds> opens_in(const ModelTerms& terms, TimePoint since, TimePoint now);
// Why a request may not have it loaded because of that.
std::optional<common::Error> outside_hours(const ModelId& model, const ModelTerms& terms, TimePoint since, TimePoint now);
// Why a request may not have it take the place of whoever is in `place`, which models take turns in: that one was wanted a moment ago.
std::optional<common::Error> disturbs(const ModelId& model, const ModelTerms& terms, const Core& place, TimePoint now);

}  // namespace proxy::residency
