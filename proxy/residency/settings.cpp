#include "proxy/residency/settings.hpp"

#include <algorithm>
#include <cmath>

#include "registry/memory_prediction.hpp"

namespace proxy::residency {

namespace {

void set_tier(ModelTerms& terms, const ModelId& id, const registry::Tiers& tiers, std::uint64_t budget_bytes) {
  terms.tier = tiers.tier_of(id, terms.needed_bytes > 0 ? terms.needed_bytes : terms.file_bytes, budget_bytes);
  const registry::TierTerms& of_tier = tiers.of(terms.tier);
  const bool has_share = of_tier.memory_percent == 0 || (of_tier.memory_percent < 100 && budget_bytes > 0);
  if (has_share) terms.most_bytes = registry::share_of(of_tier, budget_bytes);
  terms.evicts_after_idle = of_tier.evicts_after_idle;
  if (of_tier.hours) terms.hours = to_string(*of_tier.hours);
}

}  // namespace

std::string read_mode_of(const MemoryTerms& memory, const ModelId& model) {
  auto need = memory.needs.find(model);
  return need == memory.needs.end() ? std::string() : need->second.read_mode;
}

Settings settings_of(const registry::Catalog& catalog, const MemoryTerms& memory) {
  const registry::Policy& policy = catalog.policy;
  Settings settings{.queue_timeout = policy.queue_timeout,
                    .max_queue = policy.max_queue,
                    .max_queue_per_key = policy.max_queue_per_key,
                    .max_wait = policy.max_wait,
                    .min_residency = policy.min_residency,
                    .linger = policy.linger,
                    .return_to_default_after = policy.return_to_default_after,
                    .pinned_bytes = catalog.memory.pinned_bytes,
                    .memory_bytes = memory.bytes,
                    .memory = memory.sum,
                    .leave_time = memory.leave_time.value_or(milliseconds(0)),
                    .first_come = policy.first_come};
  if (auto role = catalog.roles.find("default"); role != catalog.roles.end() && catalog.models.contains(role->second))
    settings.default_model = role->second;
  for (const auto& [id, model] : catalog.models) {
    settings.terms[id] = {.idle_ttl = model.idle_ttl.value_or(policy.idle_ttl),
                          .max_requests = model.max_requests,
                          .pinned = catalog.pinned.contains(id),
                          .file_bytes = model.bytes.value_or(0)};
    if (model.command) {
      settings.terms[id].purpose = model.purpose;
      if (model.memory_bytes > 0) settings.terms[id].file_bytes = model.memory_bytes;
    }
    if (auto need = memory.needs.find(id); need != memory.needs.end()) {
      settings.terms[id].needed_bytes = need->second.bytes;
      settings.terms[id].need = need->second.sum;
      settings.terms[id].load_time = need->second.load_time.value_or(milliseconds(0));
    }
    set_tier(settings.terms[id], id, catalog.tiers, memory.bytes);
  }
  return settings;
}

std::optional<std::chrono::minutes> apply_hours(Settings& settings, const registry::Tiers& tiers, std::chrono::minutes time_of_day) {
  std::optional<std::chrono::minutes> stays;
  for (registry::Tier tier : registry::kTiers) {
    const auto& hours = tiers.of(tier).hours;
    if (!hours) continue;
    const auto change = registry::until_change(*hours, time_of_day);
    stays = stays ? std::min(*stays, change) : change;
  }
  for (auto& [id, terms] : settings.terms) {
    const auto& hours = tiers.of(terms.tier).hours;
    terms.opens_in = hours ? registry::until_begin(*hours, time_of_day) : milliseconds(0);
  }
  return stays;
}

PressureRules pressure_rules_of(const registry::Catalog& catalog, std::uint64_t physical_bytes, double pace) {
  const registry::Memory& memory = catalog.memory;
  PressureRules rules{.on = memory.pressure,
                      .available_bytes = memory.pressure_available_bytes.value_or(registry::usual_pressure_limit(physical_bytes)),
                      .stall = memory.pressure_stall_percent / 100};
  const auto paced = [pace](milliseconds usual) { return milliseconds(std::llround(static_cast<double>(usual.count()) * pace)); };
  for (milliseconds& dwell : rules.dwell) dwell = paced(dwell);
  rules.calm = paced(rules.calm);
  rules.calm_step = paced(rules.calm_step);
  rules.relapse = paced(rules.relapse);
  return rules;
}

}  // namespace proxy::residency
