#include "registry/tiers.hpp"

#include <algorithm>
#include <format>
#include <utility>

#include "common/whole_number.hpp"

namespace registry {

using std::chrono::minutes;

namespace {

constexpr minutes kDay{24 * 60};

std::optional<minutes> parse_time(std::string_view text) {
  constexpr std::size_t kLength = 5, kColonAt = 2;  // "07:00"
  if (text.size() != kLength || text[kColonAt] != ':') return std::nullopt;
  const auto hour = common::whole_number<unsigned>(text.substr(0, kColonAt));
  const auto minute = common::whole_number<unsigned>(text.substr(kColonAt + 1));
  if (!hour || *hour > 23 || !minute || *minute > 59) return std::nullopt;
  return minutes(*hour * 60 + *minute);
}

// From one minute of the day to the next time that it is another one; of the same one: a whole day.
minutes ahead(minutes from, minutes to) { return to > from ? to - from : to - from + kDay; }

}  // namespace

std::string_view to_string(Tier tier) {
  switch (tier) {
    case Tier::interactive: return "interactive";
    case Tier::overnight: return "overnight";
    case Tier::aspirational: return "aspirational";
  }
  return "interactive";
}

std::optional<Hours> parse_hours(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto from = parse_time(text.substr(0, dash)), to = parse_time(text.substr(dash + 1));
  if (!from || !to || *from == *to) return std::nullopt;
  return Hours{.from = *from, .to = *to};
}

std::string to_string(const Hours& hours) {
  return std::format("{:02}:{:02}-{:02}:{:02}", hours.from.count() / 60, hours.from.count() % 60, hours.to.count() / 60,
                     hours.to.count() % 60);
}

minutes until_begin(const Hours& hours, minutes time_of_day) {
  const bool has_begun = ahead(time_of_day, hours.to) <= ahead(hours.from, hours.to);
  return has_begun ? minutes(0) : ahead(time_of_day, hours.from);
}

minutes until_change(const Hours& hours, minutes time_of_day) {
  return std::min(ahead(time_of_day, hours.from), ahead(time_of_day, hours.to));
}

const TierTerms& Tiers::of(Tier tier) const {
  switch (tier) {
    case Tier::interactive: return interactive;
    case Tier::overnight: return overnight;
    case Tier::aspirational: return aspirational;
  }
  return interactive;
}

TierTerms& Tiers::of(Tier tier) { return const_cast<TierTerms&>(std::as_const(*this).of(tier)); }

std::optional<Tier> Tiers::named_for(const std::string& id) const {
  const auto* found = std::ranges::find_if(kTiers, [&](Tier tier) { return of(tier).models.contains(id); });
  return found == kTiers.end() ? std::nullopt : std::optional(*found);
}

Tier Tiers::tier_of(const std::string& id, std::uint64_t needed_bytes, std::uint64_t budget_bytes) const {
  if (auto named = named_for(id)) return *named;
  if (needed_bytes == 0 || budget_bytes == 0) return Tier::interactive;
  const auto* first = std::ranges::find_if(kTiers, [&](Tier tier) { return needed_bytes <= share_of(of(tier), budget_bytes); });
  return first == kTiers.end() ? Tier::aspirational : *first;
}

std::uint64_t Tiers::most_for(const std::string& id, std::uint64_t budget_bytes) const {
  if (auto named = named_for(id)) return share_of(of(*named), budget_bytes);
  std::uint64_t most = 0;
  for (Tier tier : kTiers) most = std::max(most, share_of(of(tier), budget_bytes));
  return most;
}

std::uint64_t share_of(const TierTerms& terms, std::uint64_t budget_bytes) {
  constexpr double kAll = 100;
  if (terms.memory_percent >= kAll) return budget_bytes;
  return static_cast<std::uint64_t>(static_cast<double>(budget_bytes) * terms.memory_percent / kAll);
}

}  // namespace registry
