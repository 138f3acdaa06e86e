#include "registry/tier_entry.hpp"

#include <cmath>
#include <format>
#include <string>
#include <vector>

namespace registry {
namespace {

constexpr double kMostIdleSeconds = 86'400;
constexpr double kMilliseconds = 1000;

void read_tier(SectionReader section, Tier tier, Tiers& tiers) {
  section.allow({"memory_percent", "hours", "evicts_after_idle", "models"});
  TierTerms& terms = tiers.of(tier);
  if (section.has("memory_percent")) terms.memory_percent = section.number("memory_percent", 0, 100);
  if (section.has("hours")) {
    terms.hours = parse_hours(section.text("hours"));
    if (!terms.hours) section.refuse("hours", "two different times of the day are expected, like \"22:00-07:00\"");
  }
  if (section.has("evicts_after_idle"))
    terms.evicts_after_idle =
        std::chrono::milliseconds(std::llround(section.number("evicts_after_idle", 0, kMostIdleSeconds) * kMilliseconds));
  if (!section.has("models")) return;
  for (const std::string& id : section.texts("models")) {
    if (auto other = tiers.named_for(id); other && *other != tier)
      section.refuse("models", std::format("{} is named in the tier {} already; a model belongs to one", id, to_string(*other)));
    terms.models.insert(id);
  }
}

}  // namespace

Tiers read_tiers(SectionReader section) {
  Tiers tiers;
  std::vector<const char*> names;
  for (Tier tier : kTiers) names.push_back(to_string(tier).data());
  section.allow(names);
  for (Tier tier : kTiers) {
    const std::string name(to_string(tier));
    if (section.has(name)) read_tier(section.section(name), tier, tiers);
  }
  return tiers;
}

}  // namespace registry
