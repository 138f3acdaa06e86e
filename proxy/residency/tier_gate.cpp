#include "proxy/residency/tier_gate.hpp"

#include <algorithm>
#include <chrono>
#include <format>
#include <string>

namespace proxy::residency {

using common::Error;
using common::ErrorKind;

std::optional<milliseconds> opens_in(const ModelTerms& terms, TimePoint since, TimePoint now) {
  if (terms.opens_in == milliseconds(0)) return std::nullopt;
  return std::max(milliseconds(1000), std::chrono::ceil<milliseconds>(since + terms.opens_in - now));
}

std::optional<Error> outside_hours(const ModelId& model, const ModelTerms& terms, TimePoint since, TimePoint now) {
  const auto wait = opens_in(terms, since, now);
  if (!wait) return std::nullopt;
  const std::string tier(to_string(terms.tier));
  return Error(ErrorKind::tier_not_now,
               std::format("{} is of the tier {}, whose models are loaded at {} only (tiers.{}.hours in the registry)", model, tier,
                           terms.hours, tier))
      .retry_after(*wait);
}

std::optional<Error> disturbs(const ModelId& model, const ModelTerms& terms, const Core& place, TimePoint now) {
  const milliseconds undisturbed = terms.evicts_after_idle;
  if (undisturbed == milliseconds(0) || place.active().empty()) return std::nullopt;
  if (std::ranges::contains(place.queue(), model, &Core::Waiter::model)) return std::nullopt;  // it comes already
  const ModelId other = place.active() == model ? place.next_model() : place.active();  // that it would take the place of
  const auto since = place.undisturbed_since(model);
  const milliseconds wait = since ? std::chrono::ceil<milliseconds>(*since + undisturbed - now) : undisturbed;
  if (wait <= milliseconds(0)) return std::nullopt;
  const std::string tier(to_string(terms.tier));
  return Error(ErrorKind::tier_not_now,
               std::format("{} is of the tier {}, whose models take the place of another one only when nobody has wanted that for {} s "
                           "(tiers.{}.evicts_after_idle in the registry), and {} is {}",
                           model, tier, undisturbed.count() / 1000.0, tier, other, since ? "not idle for so long yet" : "at work"))
      .retry_after(wait);
}

}  // namespace proxy::residency
