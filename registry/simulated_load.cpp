#include "registry/simulated_load.hpp"

#include <algorithm>
#include <format>
#include <string>

#include "common/child_environment.hpp"
#include "common/child_output.hpp"

namespace registry {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using common::ErrorKind;
using common::fail;
using common::Result;

namespace {

std::vector<std::string> arguments_of(const fs::path& artifact, const RunShape& shape) {
  std::vector<std::string> arguments{"--estimate", "--model", artifact.string()};
  const auto add = [&arguments](const char* name, const std::string& value) {
    arguments.emplace_back(name);
    arguments.push_back(value);
  };
  if (shape.context_tokens > 0) add("--context", std::to_string(shape.context_tokens));
  if (shape.parallel > 0) add("--parallel", std::to_string(shape.parallel));
  if (shape.kv_unified) arguments.emplace_back("--kv-unified");
  if (!shape.cache_type_k.empty()) add("--cache-type-k", shape.cache_type_k);
  if (!shape.cache_type_v.empty()) add("--cache-type-v", shape.cache_type_v);
  return arguments;
}

// The estimate is the line that is one; what else there is are complaints.
Result<common::Estimate> read_output(std::string_view output, const common::ExitStatus& status) {
  std::string words;
  while (!output.empty()) {
    const std::string_view line = output.substr(0, output.find('\n'));
    output.remove_prefix(std::min(output.size(), line.size() + 1));
    if (line.starts_with('{')) {
      if (auto estimate = common::decode_estimate(line)) return estimate;
    }
    if (!line.empty()) words = line;
  }
  const ErrorKind kind = status.code == static_cast<int>(common::WorkerExit::bad_model_file)  ? ErrorKind::bad_model_file
                         : status.code == static_cast<int>(common::WorkerExit::out_of_memory) ? ErrorKind::insufficient_memory
                                                                                              : ErrorKind::load_failed;
  return fail(kind, std::format("the simulated load failed ({}): {}", common::describe(status), words.empty() ? "no word why" : words));
}

}  // namespace

asio::awaitable<Result<common::Estimate>> simulate_load(fs::path worker, fs::path artifact, RunShape shape,
                                                        std::chrono::milliseconds patience) {
  common::SpawnRequest request{.program = std::move(worker),
                               .arguments = arguments_of(artifact, shape),
                               .environment = common::worker_environment(),
                               .limits = {.core_bytes = 0}};
  auto output = co_await common::run_for_output(std::move(request), patience);
  if (!output && output.error().kind() == ErrorKind::timeout)
    co_return fail(ErrorKind::timeout, std::format("the simulated load of {} took longer than {} ms", artifact.string(), patience.count()));
  if (!output) co_return fail(output.error());
  co_return read_output(output->text, output->status);
}

MemoryNeed confirmed(const ModelFacts& facts, const RunShape& wanted, MemoryNeed predicted, const common::Estimate& estimate) {
  const RunShape shape = settled(wanted, facts);
  const DeviceNeed by_us = predicted.devices.front();
  predicted.source = NeedSource::simulated;
  predicted.devices.clear();
  for (const common::DeviceMemory& device : estimate.memory) {
    DeviceNeed need{.device = device.device,
                    .weights_bytes = device.weights_bytes,
                    .weights_mapped_bytes = device.mapped_bytes,
                    .full_kv_bytes = device.kv_bytes,
                    .compute_bytes = device.compute_bytes};
    // libllama gives one figure for all caches. Where everything is on one device its classes are known.
    const std::uint64_t beside_full = by_us.window_kv_bytes + by_us.state_bytes;
    if (estimate.memory.size() == 1 && device.kv_bytes >= beside_full) {
      need.full_kv_bytes = device.kv_bytes - beside_full;
      need.window_kv_bytes = by_us.window_kv_bytes;
      need.state_bytes = by_us.state_bytes;
    }
    predicted.devices.push_back(std::move(need));
  }
  // These are the host's, which may stand anywhere in the list, or not at all.
  const DeviceNeed of_host;
  auto host = std::ranges::find(predicted.devices, of_host.device, &DeviceNeed::device);
  if (host == predicted.devices.end()) host = predicted.devices.insert(host, of_host);
  host->compute_bytes += uncounted_bytes(facts, shape);
  predicted.process_bytes = process_beyond(estimate.process_bytes, facts, shape);
  return predicted;
}

}  // namespace registry
