// What the registry says, and what is known of memory, in the words of the Conductor and of the pressure ladder. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "proxy/residency/core.hpp"
#include "proxy/residency/pressure.hpp"
#include "registry/catalog.hpp"
#include "registry/tiers.hpp"

namespace proxy::residency {

// What is known of the memory that models take (proxy/fit finds out).
struct MemoryTerms {
  struct Need {
    std::uint64_t bytes = 0;
    std::string sum;                        // how that is made up
    std::optional<milliseconds> load_time;  // that is expected
    std::string read_mode;                  // common::Load::read_mode
  };
  std::uint64_t bytes = 0;  // what all of them may take; 0: not known
  std::string sum;
  std::uint64_t physical_bytes = 0;  // of the machine, or what we may have of it; 0: not known
  std::map<ModelId, Need> needs;
  std::optional<milliseconds> leave_time;  // that is expected of whoever is resident
};

// How the files of a model are to be read; empty: nothing is known about that.
std::string read_mode_of(const MemoryTerms& memory, const ModelId& model);

// The policy as the core takes it. Hours are another thing: apply_hours().
Settings settings_of(const registry::Catalog& catalog, const MemoryTerms& memory = {});
// What the hours of tiers mean at this minute of the day. Returns how long that stays so; nothing: no tier has hours.
std::optional<std::chrono::minutes> apply_hours(Settings& settings, const registry::Tiers& tiers, std::chrono::minutes time_of_day);

// When the ladder takes its steps, at another pace than usual (tests).
PressureRules pressure_rules_of(const registry::Catalog& catalog, std::uint64_t physical_bytes, double pace = 1);

}  // namespace proxy::residency
