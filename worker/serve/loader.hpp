// Loads a model: read the file, its weights, make the context, decode once. Reports its progress and can be given up between any two steps
// (and inside the long ones). Runs on the engine thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "common/result.hpp"
#include "common/worker_defaults.hpp"
#include "common/worker_protocol.hpp"
#include "worker/engine/context.hpp"
#include "worker/engine/model.hpp"
#include "worker/serve/served.hpp"

namespace worker::serve {

struct LoaderConfig {
  std::uint64_t default_slots = common::kDefaultSlots;
  std::uint64_t max_slots = common::kMostSlots;
  std::uint64_t default_context_tokens = common::kDefaultContextTokens;
  int batch_tokens = common::kBatchTokens;
  int threads = 0;           // 0: one per processor, fewer for a small model
  bool first_decode = true;  // a load ends with one; not needed where somebody asks for an answer before he lets anybody else ask
};

struct LoadedModel {
  std::shared_ptr<const Served> served;
  std::optional<engine::Context> context;  // uses the model, so it goes first; absent when there is only a vocabulary
};

using ReportProgress = std::function<void(common::Loading)>;

// ErrorKind: bad_model_file, io, insufficient_memory, cancelled or internal.
common::Result<LoadedModel> load_model(const common::Load& load, const LoaderConfig& config, const ReportProgress& report,
                                       const std::atomic<bool>& cancelled);

// What that load would take, from libllama's own reckoning: nothing is read of the weights and nothing is kept. ErrorKind as above.
common::Result<common::Estimate> estimate_load(const common::Load& load, const LoaderConfig& config);

// The exit code that tells the daemon what kind of failure this was.
common::WorkerExit exit_code_of(common::ErrorKind kind);

}  // namespace worker::serve
