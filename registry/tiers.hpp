// Tiers: what models of a kind may use of this machine, as data of the registry, and which tier a model belongs to. Pure.
//
// interactive    what people work with: loaded whenever somebody asks.
// overnight      what is worth waiting for: loaded at its hours, and only when nobody is at work with another model.
// aspirational   what this machine cannot run: known by its name and its facts, never loaded.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace registry {

enum class Tier { interactive, overnight, aspirational };
inline constexpr std::array kTiers{Tier::interactive, Tier::overnight, Tier::aspirational};  // from the least that a model needs on
std::string_view to_string(Tier tier);

// Of each day, in local time: from the first to the second, which is not part of it. The second may be earlier: then it is that of the next
// day.
struct Hours {
  std::chrono::minutes from{0}, to{0};

  bool operator==(const Hours&) const = default;
};
// Of "22:00-07:00"; nothing: that is no such text, or its ends are the same.
std::optional<Hours> parse_hours(std::string_view text);
std::string to_string(const Hours& hours);
// How long it is from this minute of the day until they begin; zero: they have.
std::chrono::minutes until_begin(const Hours& hours, std::chrono::minutes time_of_day);
// ... until they begin or end, whichever is next. Never zero.
std::chrono::minutes until_change(const Hours& hours, std::chrono::minutes time_of_day);

struct TierTerms {
  double memory_percent = 100;                     // of what models may take, the most that one of its models may need
  std::optional<Hours> hours;                      // at which its models may be loaded; absent: always
  std::chrono::milliseconds evicts_after_idle{0};  // for so long nobody must have wanted the resident before one of them takes its place
  std::set<std::string> models;                    // ids of those that belong to it, whatever they need

  bool operator==(const TierTerms&) const = default;
};

struct Tiers {
  static constexpr std::chrono::milliseconds kUndisturbed{300'000};

  TierTerms interactive{}, overnight{.evicts_after_idle = kUndisturbed}, aspirational{.memory_percent = 0};

  TierTerms& of(Tier tier);
  const TierTerms& of(Tier tier) const;
  // The tier that names a model; nothing: none does.
  std::optional<Tier> named_for(const std::string& id) const;
  // That of a model which needs so much: the one that names it, or else the first whose share suffices. What nobody knows the needs of, or
  // what there is for it (0), is held against no model.
  Tier tier_of(const std::string& id, std::uint64_t needed_bytes, std::uint64_t budget_bytes) const;

  // The most that a model may need: the share of the tier that names it, or else the largest of all, since with its need it changes the
  // tier.
  std::uint64_t most_for(const std::string& id, std::uint64_t budget_bytes) const;

  bool operator==(const Tiers&) const = default;
};

// The part of what models may take.
std::uint64_t share_of(const TierTerms& terms, std::uint64_t budget_bytes);

}  // namespace registry
