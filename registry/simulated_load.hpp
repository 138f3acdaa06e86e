// libllama's own reckoning of what a load would take: a throw-away worker (perch-worker --estimate) makes the model without its weights and
// a context without its memory, says what they would hold, and ends. That takes what reading the vocabulary takes, and no memory to speak
// of.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <filesystem>

#include "common/worker_protocol.hpp"
#include "registry/memory_prediction.hpp"

namespace registry {

// Runs it as a child of ours. ErrorKind: timeout (it was killed), bad_model_file, insufficient_memory (more cells than there may be) or
// load_failed, with the worker's words.
boost::asio::awaitable<common::Result<common::Estimate>> simulate_load(std::filesystem::path worker, std::filesystem::path artifact,
                                                                       RunShape shape, std::chrono::milliseconds patience);

// Pure: the prediction with libllama's figures in the place of ours. What libllama does not count (what comes out of a batch, what stands
// beside the context) stays predicted.
MemoryNeed confirmed(const ModelFacts& facts, const RunShape& shape, MemoryNeed predicted, const common::Estimate& estimate);

}  // namespace registry
