#include "registry/memory_prediction.hpp"

#include <algorithm>
#include <numeric>

#include "common/worker_defaults.hpp"

namespace registry {
namespace {

constexpr std::uint64_t kContextStep = 256;  // libllama rounds contexts up to this
constexpr std::uint64_t kFloat = 4, kHalf = 2;

// What a worker holds besides: measured, see docs/memory.md.
constexpr std::uint64_t kProcessBytes = 15'500'000;
constexpr std::uint64_t kBytesPerLayer = 150'000;                   // libllama's plans of what is computed in it
constexpr std::uint64_t kBytesPerWord = 150, kBytesPerMerge = 200;  // text, and tables to find it by
constexpr std::uint64_t kCandidateBytes = 12;                       // of a word, for each slot: room to sort the likely ones
constexpr std::uint64_t kBytesPerCell = 110;                        // libllama's account of who has which
constexpr std::uint64_t kBytesPerPromptToken = 900;                 // of the longest prompt, while it is on its way in
constexpr std::uint64_t kServingBytes = 8'000'000;                  // of the fixed part, what a simulated load does without

constexpr std::uint64_t kReserveBytes = 4ull << 30;  // but never more than half of a small machine
constexpr std::uint64_t kReservePercent = 12;

// Sums and products that stop at the largest number instead of wrapping: a file may claim anything.
std::uint64_t plus(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}
template <class... Rest>
std::uint64_t plus(std::uint64_t a, std::uint64_t b, Rest... rest) {
  return plus(plus(a, b), static_cast<std::uint64_t>(rest)...);
}
std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}
template <class... Rest>
std::uint64_t times(std::uint64_t a, std::uint64_t b, Rest... rest) {
  return times(times(a, b), static_cast<std::uint64_t>(rest)...);
}

std::uint64_t rounded_up(std::uint64_t number, std::uint64_t step) { return times(plus(number, step - 1) / step, step); }

// The caches of a load: how many there are, and how many tokens each holds.
struct Cells {
  std::uint64_t caches = 1;
  std::uint64_t each = 0;
  std::uint64_t asked = 0;  // tokens of all of them, before rounding
};

Cells cells_of(const RunShape& shape) {
  const std::uint64_t caches = shape.kv_unified ? 1 : shape.parallel;
  const std::uint64_t asked = times(shape.context_tokens, caches);
  return {.caches = caches, .each = rounded_up(rounded_up(asked, kContextStep) / caches, kContextStep), .asked = asked};
}

std::uint64_t row_bytes(const std::string& type_name, std::uint64_t values) {
  const common::GgmlType* type = common::ggml_type_named(type_name.empty() ? "f16" : type_name);
  return type ? type->bytes(rounded_up(values, type->values_per_block)) : times(values, kHalf);
}

std::uint64_t cell_bytes(const LayerFacts& layer, const RunShape& shape) {
  return plus(row_bytes(shape.cache_type_k, layer.key_values), row_bytes(shape.cache_type_v, layer.value_values));
}

// A model that reads both ways sees a text once and keeps nothing of it.
bool keeps_caches(const ModelFacts& facts) { return !facts.reads_both_ways; }

void add_caches(const ModelFacts& facts, const RunShape& shape, DeviceNeed& need) {
  if (!keeps_caches(facts)) return;
  const Cells cells = cells_of(shape);
  for (const LayerFacts& layer : facts.layers) {
    // The worker has windowed layers keep all cells, so that a sequence can be cut back (swa_full).
    const std::uint64_t bytes = times(cell_bytes(layer, shape), cells.each, cells.caches);
    std::uint64_t& of_class = layer.windowed ? need.window_kv_bytes : need.full_kv_bytes;
    of_class = plus(of_class, bytes);
    need.state_bytes = plus(need.state_bytes, times(layer.state_values, kFloat, shape.parallel));
  }
}

// --- compute buffers ---
//
// libllama plans the memory of its largest batch by laying tensors over each other that are not needed at the same time. What remains is
// the fullest moment of a layer; these are its tensors, counted in numbers for each token of the batch (found by comparing with what
// libllama plans, for many shapes).

std::uint64_t attention_moment(const LayerFacts& layer, std::uint64_t width) {
  return layer.query_values == 0 ? 0 : plus(times(3, width), times(3, layer.query_values));
}
std::uint64_t dense_moment(const LayerFacts& layer, std::uint64_t width) { return plus(times(5, width), times(3, layer.hidden)); }
std::uint64_t expert_moment(const ModelFacts& facts) {
  if (facts.experts == 0) return 0;
  const std::uint64_t said = times(2, facts.experts_used, facts.width);
  const std::uint64_t thought =
      plus(times(facts.experts_used, facts.width), times(5, facts.experts_used, facts.expert_hidden), facts.width);
  return plus(std::max(said, thought), facts.width);
}
std::uint64_t recurrent_moment(const ModelFacts& facts, const LayerFacts& layer) {
  if (layer.state_values == 0) return 0;
  const RecurrentFacts& r = facts.recurrent;
  const std::uint64_t mixed = times(2, r.groups, r.state);
  const std::uint64_t projected = plus(times(2, r.inner), mixed, r.ranks), convolved = plus(r.inner, mixed);
  return plus(projected, times(4, convolved), times(3, facts.width), layer.query_values > 0 ? facts.width : 0);
}

std::uint64_t fullest_moment(const ModelFacts& facts) {
  std::uint64_t most = times(5, facts.width);
  for (const LayerFacts& layer : facts.layers) {
    most = std::max({most, attention_moment(layer, facts.width), recurrent_moment(facts, layer)});
    most = std::max(most, facts.experts > 0 ? expert_moment(facts) : layer.hidden > 0 ? dense_moment(layer, facts.width) : 0);
  }
  return most;
}

// What the processor's own matrix code puts beside a batch: its numbers once more, in the form of the weights.
std::uint64_t widest_row(const ModelFacts& facts) {
  std::uint64_t widest = std::max({facts.width, facts.recurrent.inner, times(facts.experts_used, facts.expert_hidden)});
  for (const LayerFacts& layer : facts.layers) widest = std::max({widest, layer.hidden, layer.query_values});
  return widest;
}

// The largest batch, and of how many of its tokens the results are wanted.
struct Batch {
  std::uint64_t tokens = 0, outputs = 0;
};
Batch batch_of(const ModelFacts& facts, const RunShape& shape) {
  const std::uint64_t tokens = std::min(facts.embeds() ? shape.context_tokens : common::kBatchTokens, cells_of(shape).asked);
  return {.tokens = tokens, .outputs = facts.embeds() ? tokens : std::min(tokens, std::max(shape.parallel, common::kLeastOutputs))};
}
std::uint64_t logits_bytes(const ModelFacts& facts, const Batch& batch) {
  return facts.embeds() ? 0 : times(batch.outputs, facts.vocabulary, kFloat);
}

std::uint64_t planned_bytes(const ModelFacts& facts, const RunShape& shape) {
  constexpr std::uint64_t kInputBytes = 64;  // of one token: its number, its position, where it goes
  const Cells cells = cells_of(shape);
  const Batch batch = batch_of(facts, shape);
  const bool attends = std::ranges::any_of(facts.layers, [](const LayerFacts& layer) { return layer.query_values > 0; });
  const std::uint64_t masks = !attends ? 0 : facts.window > 0 ? 2 : 1;
  const std::uint64_t seen = keeps_caches(facts) ? cells.each : batch.tokens;
  const std::uint64_t mask = times(masks, batch.tokens, seen, keeps_caches(facts) ? kHalf : kFloat);
  const std::uint64_t work = times(batch.tokens, fullest_moment(facts), kFloat);
  // The logits come when the mask is not needed any more, and take its place where that is large enough.
  const std::uint64_t logits = logits_bytes(facts, batch);
  const std::uint64_t at_the_end = plus(times(batch.tokens, 5, facts.width, kFloat), logits > mask ? logits : 0);
  std::uint64_t states = 0, as_halves = 0;
  for (const LayerFacts& layer : facts.layers) {
    states = std::max(states, times(layer.state_values, kFloat, shape.parallel));
    const std::uint64_t wide =
        (shape.cache_type_k == "f32" ? layer.key_values : 0) + (shape.cache_type_v == "f32" ? layer.value_values : 0);
    as_halves = std::max(as_halves, times(wide, cells.each, cells.caches, kHalf));
  }
  return plus(mask, std::max(work, at_the_end), times(batch.tokens, kInputBytes), states, as_halves);
}

// What grows while a worker works: none of it is there in a simulated load.
std::uint64_t working_bytes(const ModelFacts& facts, const RunShape& shape) {
  const Cells cells = cells_of(shape);
  const std::uint64_t accounts = facts.window > 0 ? 2 : 1;
  const bool attends = std::ranges::any_of(facts.layers, [](const LayerFacts& layer) { return layer.key_values > 0; });
  return plus(times(facts.vocabulary, kCandidateBytes, shape.parallel), times(shape.context_tokens, kBytesPerPromptToken),
              attends ? times(cells.each, cells.caches, accounts, kBytesPerCell) : 0);
}

std::uint64_t process_bytes(const ModelFacts& facts, const RunShape& shape) {
  return plus(kProcessBytes, times(facts.layers.size(), kBytesPerLayer), times(facts.vocabulary, kBytesPerWord),
              times(facts.merges, kBytesPerMerge), working_bytes(facts, shape));
}

}  // namespace

RunShape shape_of(const Model& model) {
  return {.context_tokens = model.context_tokens,
          .parallel = model.parallel,
          .kv_unified = model.kv_unified,
          .cache_type_k = model.cache_type_k,
          .cache_type_v = model.cache_type_v,
          .prompt_cache_mib = model.prompt_cache_mib};
}

RunShape settled(RunShape shape, const ModelFacts& facts) {
  const std::uint64_t trained = facts.trained_context > 0 ? facts.trained_context : common::kDefaultContextTokens;
  if (shape.context_tokens == 0) shape.context_tokens = std::min(trained, common::kDefaultContextTokens);
  shape.parallel = std::clamp<std::uint64_t>(shape.parallel > 0 ? shape.parallel : common::kDefaultSlots, 1, common::kMostSlots);
  if (facts.architecture == common::kOneSequenceOnly) shape.parallel = 1;
  shape.kv_unified = shape.kv_unified && !facts.embeds();
  if (shape.cache_type_k.empty()) shape.cache_type_k = "f16";
  if (shape.cache_type_v.empty()) shape.cache_type_v = "f16";
  if (!shape.prompt_cache_mib) shape.prompt_cache_mib = common::kDefaultPromptCacheMib;
  return shape;
}

std::uint64_t DeviceNeed::total() const { return plus(weights_bytes, full_kv_bytes, window_kv_bytes, state_bytes, compute_bytes); }

std::uint64_t MemoryNeed::total() const {
  return std::accumulate(devices.begin(), devices.end(), plus(beside_bytes, process_bytes),
                         [](std::uint64_t sum, const DeviceNeed& device) { return plus(sum, device.total()); });
}

std::string_view to_string(NeedSource source) {
  switch (source) {
    case NeedSource::predicted: return "predicted";
    case NeedSource::simulated: return "simulated";
  }
  return "unknown";
}

MemoryNeed predict(const ModelFacts& facts, const RunShape& shape, std::uint64_t beside_bytes) {
  const RunShape run = settled(shape, facts);
  DeviceNeed need{.weights_bytes = plus(facts.tensor_bytes, facts.tied_bytes), .weights_mapped_bytes = facts.tensor_bytes};
  add_caches(facts, run, need);
  need.compute_bytes = plus(planned_bytes(facts, run), uncounted_bytes(facts, run));
  return {.devices = {need},
          .beside_bytes = beside_bytes,
          .process_bytes = process_bytes(facts, run),
          .prompt_cache_bytes = facts.embeds() ? 0 : times(*run.prompt_cache_mib, std::uint64_t(1) << 20)};
}

std::uint64_t uncounted_bytes(const ModelFacts& facts, const RunShape& shape) {
  const Batch batch = batch_of(facts, shape);
  const std::uint64_t results = facts.embeds() ? times(batch.tokens, facts.width, kFloat) : logits_bytes(facts, batch);
  return plus(results, times(batch.tokens, widest_row(facts), kHalf));
}

std::uint64_t process_beyond(std::uint64_t simulated_bytes, const ModelFacts& facts, const RunShape& shape) {
  return plus(simulated_bytes, kServingBytes, working_bytes(facts, shape));
}

std::uint64_t prefix_bytes(const ModelFacts& facts, const RunShape& shape) {
  const RunShape run = settled(shape, facts);
  std::uint64_t bytes = 0;
  if (!keeps_caches(facts)) return bytes;
  for (const LayerFacts& layer : facts.layers)
    bytes = plus(bytes, times(cell_bytes(layer, run), run.context_tokens), times(layer.state_values, kFloat));
  return bytes;
}

std::uint64_t largest_context(const ModelFacts& facts, RunShape shape, std::uint64_t beside_bytes, std::uint64_t bytes) {
  shape = settled(std::move(shape), facts);
  const std::uint64_t caches = shape.kv_unified ? 1 : shape.parallel;
  const std::uint64_t trained = facts.trained_context > 0 ? facts.trained_context : shape.context_tokens;
  std::uint64_t low = 0, high = std::min(trained, common::kMostCells / caches) / kContextStep;  // in steps; `low` fits
  while (low < high) {
    const std::uint64_t middle = low + (high - low + 1) / 2;
    shape.context_tokens = middle * kContextStep;
    if (predict(facts, shape, beside_bytes).total() <= bytes) low = middle;
    else high = middle - 1;
  }
  return low * kContextStep;
}

std::uint64_t MemoryBudget::left() const {
  const std::uint64_t kept = plus(plus(reserve_bytes, pinned_bytes), lent_bytes);
  return physical_bytes - std::min(physical_bytes, kept);
}

std::uint64_t reserve_of(std::uint64_t physical_bytes, std::optional<std::uint64_t> wanted) {
  return wanted.value_or(std::max(std::min(kReserveBytes, physical_bytes / 2), physical_bytes / 100 * kReservePercent));
}

std::uint64_t usual_pressure_limit(std::uint64_t physical_bytes) {
  constexpr std::uint64_t kPart = 32, kLeast = 256ull << 20, kMost = 2ull << 30;
  return physical_bytes == 0 ? 0 : std::clamp(physical_bytes / kPart, kLeast, kMost);
}

}  // namespace registry
