#include "proxy/residency/speed.hpp"

namespace proxy::residency {

namespace {

constexpr double kEnough = 1;        // seconds
constexpr double kRemembered = 600;  // seconds of work; then all of it counts half

}  // namespace

void SpeedMeter::on(const ModelId& model, int run, const common::Beat& beat, TimePoint now) {
  Seen& seen = seen_[model];
  const bool whole = seen.run == run && seen.beat.slots_busy > 0 && beat.tokens_total >= seen.beat.tokens_total;
  if (whole) {
    seen.tokens += static_cast<double>(beat.tokens_total - seen.beat.tokens_total);
    seen.seconds += std::chrono::duration<double>(now - seen.at).count();
  }
  if (seen.seconds > kRemembered) seen.tokens /= 2, seen.seconds /= 2;
  seen.run = run;
  seen.beat = beat;
  seen.at = now;
}

std::optional<double> SpeedMeter::tokens_per_second(const ModelId& model) const {
  auto at = seen_.find(model);
  if (at == seen_.end() || at->second.seconds < kEnough || at->second.tokens <= 0) return std::nullopt;
  return at->second.tokens / at->second.seconds;
}

}  // namespace proxy::residency
