#include "proxy/residency/swap_ledger.hpp"

#include <algorithm>
#include <ranges>

namespace proxy::residency {

using common::Json;

void SwapLedger::add(Json swap, std::string at) {
  for (const auto& [part, seconds] : swap["seconds"].items()) count(part, seconds.get<double>());
  restored_ = 0;
  swap["number"] = ++total_;
  swap["at"] = std::move(at);
  latest_.push_back(std::move(swap));
  if (latest_.size() > kKept) latest_.pop_front();
}

void SwapLedger::restored(const std::string& model, double seconds) {
  if (latest_.empty() || latest_.back()["to"] != model || latest_.back()["seconds"].contains("first_token")) return;
  restored_ += seconds;
}

void SwapLedger::first_token(double seconds) {
  if (latest_.empty() || latest_.back()["seconds"].contains("first_token")) return;
  const auto note = [&](const char* part, double took) {
    latest_.back()["seconds"][part] = took;
    count(part, took);
  };
  if (restored_ > 0) note("restore", restored_);
  note("first_token", seconds);
}

Json SwapLedger::to_json(std::size_t most) const {
  Json swaps = Json::array();
  for (const Json& swap : latest_ | std::views::reverse | std::views::take(most)) swaps.push_back(swap);
  Json parts = Json::object();
  for (const auto& [name, part] : parts_) parts[name] = {{"count", part.count}, {"seconds", part.seconds}};
  return {{"total", total_}, {"swaps", std::move(swaps)}, {"parts", std::move(parts)}};
}

void SwapLedger::count(const std::string& name, double seconds) {
  Part& part = parts_[name];
  ++part.count;
  part.seconds += seconds;
  for (std::size_t i = 0; i < kBounds.size(); ++i) part.within[i] += seconds <= kBounds[i];
}

}  // namespace proxy::residency
