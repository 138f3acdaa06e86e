// What a model will hold once it is loaded, predicted from its file: weights, the caches by class of layer, libllama's compute buffers and
// the worker itself. Pure arithmetic; docs/memory.md says where each term comes from and how far it was off when it was measured.
//
// libllama itself can be asked too (perch-worker --estimate, a load without memory); its answer has the same terms.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/catalog.hpp"
#include "registry/model_facts.hpp"

namespace registry {

// How a model is run, as in its catalog entry. Zeros and empty types: the worker's defaults.
struct RunShape {
  std::uint64_t context_tokens = 0;  // per slot; with kv_unified of all together
  std::uint64_t parallel = 0;
  bool kv_unified = false;
  std::string cache_type_k, cache_type_v;
  std::optional<std::uint64_t> prompt_cache_mib;

  bool operator==(const RunShape&) const = default;
};

// What may be asked for, in the registry and wherever somebody asks what would be.
inline constexpr std::uint64_t kLeastContextTokens = 16, kMostContextTokens = 16'777'216;
inline constexpr std::uint64_t kLeastParallel = 1, kMostParallel = 256;

RunShape shape_of(const Model& model);
// The same with what the worker will make of it: no zeros left, and what this model cannot have taken back.
RunShape settled(RunShape shape, const ModelFacts& facts);

struct DeviceNeed {
  std::string device = "CPU";
  std::uint64_t weights_bytes = 0;
  std::uint64_t weights_mapped_bytes = 0;  // of these, backed by the file: the kernel may drop and read them again
  std::uint64_t full_kv_bytes = 0;         // caches of layers that attend to everything
  std::uint64_t window_kv_bytes = 0;       // ... to a sliding window
  std::uint64_t state_bytes = 0;           // of recurrent layers: constant for each sequence
  std::uint64_t compute_bytes = 0;         // of the largest batch, and what comes out of it

  std::uint64_t total() const;
};

enum class NeedSource { predicted, simulated };
std::string_view to_string(NeedSource source);

struct MemoryNeed {
  NeedSource source = NeedSource::predicted;
  std::vector<DeviceNeed> devices;
  std::uint64_t beside_bytes = 0;        // adapters and projector
  std::uint64_t process_bytes = 0;       // the worker itself, its vocabulary and its buffers
  std::uint64_t prompt_cache_bytes = 0;  // at most; given up when memory is short, so no part of the total

  std::uint64_t total() const;
};

// `beside_bytes`: the files of adapters and projector.
MemoryNeed predict(const ModelFacts& facts, const RunShape& shape, std::uint64_t beside_bytes = 0);

// Of the compute buffers, what libllama does not count as such: what comes out of a batch, and what its matrix code puts beside one.
std::uint64_t uncounted_bytes(const ModelFacts& facts, const RunShape& settled_shape);

// What a worker will hold beside devices' memory, when a simulated load of it held so much.
std::uint64_t process_beyond(std::uint64_t simulated_bytes, const ModelFacts& facts, const RunShape& settled_shape);

// What one slot keeps of a prompt that fills its context: so much a saved state of it takes.
std::uint64_t prefix_bytes(const ModelFacts& facts, const RunShape& shape);

// The largest context (a multiple of 256) whose prediction stays within `bytes`, the rest of the shape as it is; 0: none does. At most what
// the model was trained for.
std::uint64_t largest_context(const ModelFacts& facts, RunShape shape, std::uint64_t beside_bytes, std::uint64_t bytes);

// How much of the machine models may take. Plain values; common/memory_status.hpp knows where the first comes from.
struct MemoryBudget {
  std::uint64_t physical_bytes = 0;  // of the machine, or what its cgroup may have
  std::uint64_t reserve_bytes = 0;   // kept for everything else
  std::uint64_t pinned_bytes = 0;    // what pinned models hold or may hold
  std::uint64_t lent_bytes = 0;      // given up for a while

  std::uint64_t left() const;  // for one model
};
// `wanted`: as the registry says; nothing: 4 GiB (of a machine with less than 8 GiB the half) or 12 %, whichever is
// larger.
std::uint64_t reserve_of(std::uint64_t physical_bytes, std::optional<std::uint64_t> wanted);
// How much must be available, or memory counts as short: one part in 32 of it, 256 MiB to 2 GiB. 0 where it is not known.
std::uint64_t usual_pressure_limit(std::uint64_t physical_bytes);

}  // namespace registry
