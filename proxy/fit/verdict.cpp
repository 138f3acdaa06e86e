#include "proxy/fit/verdict.hpp"

#include <algorithm>
#include <format>

namespace proxy::fit {
namespace {

std::string mib(std::uint64_t bytes) { return std::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20)); }

}  // namespace

std::uint64_t needed_bytes(const registry::MemoryNeed& need, std::optional<std::uint64_t> measured_bytes) {
  return std::max(need.total(), measured_bytes.value_or(0));
}

Verdict judge(const Case& asked) {
  const std::uint64_t predicted = registry::predict(asked.facts, asked.shape, asked.beside_bytes).total();
  Verdict verdict{.needed_bytes = fit::needed_bytes(asked.need, asked.measured_bytes), .budget_bytes = asked.budget.left()};
  const std::uint64_t may_take = std::min(verdict.budget_bytes, asked.tier_bytes.value_or(verdict.budget_bytes));
  verdict.fits = verdict.needed_bytes <= may_take;
  verdict.fits_tier = verdict.needed_bytes <= asked.tier_bytes.value_or(verdict.needed_bytes);
  // By how much the prediction is short here, it will be short with another context.
  const std::uint64_t short_by = verdict.needed_bytes - std::min(verdict.needed_bytes, predicted);
  const std::uint64_t room = may_take - std::min(may_take, short_by);
  verdict.largest_context = registry::largest_context(asked.facts, asked.shape, asked.beside_bytes, room);
  verdict.prefix_bytes = registry::prefix_bytes(asked.facts, asked.shape);
  verdict.prefix_stays_warm = asked.need.prompt_cache_bytes > 0 && verdict.prefix_bytes <= asked.need.prompt_cache_bytes;
  return verdict;
}

std::string sum_of(const registry::MemoryNeed& need, std::optional<std::uint64_t> measured_bytes) {
  std::uint64_t weights = 0, caches = 0, compute = 0;
  for (const registry::DeviceNeed& device : need.devices) {
    weights += device.weights_bytes;
    caches += device.full_kv_bytes + device.window_kv_bytes + device.state_bytes;
    compute += device.compute_bytes;
  }
  std::string sum = std::format("weights {}, caches {}, compute buffers {}, the worker itself {}", mib(weights), mib(caches), mib(compute),
                                mib(need.process_bytes));
  if (need.beside_bytes > 0) sum += ", adapters and projector " + mib(need.beside_bytes);
  if (measured_bytes && *measured_bytes > need.total()) sum += std::format("; measured: {}", mib(*measured_bytes));
  return sum;
}

std::string sum_of(const registry::MemoryBudget& budget) {
  return std::format("{} of memory without {} that are kept free", mib(budget.physical_bytes), mib(budget.reserve_bytes));
}

}  // namespace proxy::fit
