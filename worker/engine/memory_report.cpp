// Context::memory: how much each device holds.
//
// libllama exports the numbers (it prints them itself) but declares the function in a header it does not install, so it is declared here,
// weakly: against a library without it the weights are still known and the rest is reported as zero.
#include <llama.h>

#include <algorithm>
#include <map>

#include "worker/engine/context.hpp"

struct llama_memory_breakdown_data {
  std::size_t model = 0;
  std::size_t context = 0;
  std::size_t compute = 0;
};

__attribute__((weak)) std::map<ggml_backend_buffer_type_t, llama_memory_breakdown_data> llama_get_memory_breakdown(
    const llama_context* ctx);

namespace worker::engine {

std::vector<common::DeviceMemory> Context::memory(const Model& model, std::uint64_t beside) const {
  std::vector<common::DeviceMemory> devices;
  auto entry = [&devices](std::string name) -> common::DeviceMemory& {
    for (auto& known : devices) {
      if (known.device == name) return known;
    }
    return devices.emplace_back(common::DeviceMemory{.device = std::move(name)});
  };
  if (!llama_get_memory_breakdown) {
    entry("CPU").weights_bytes = model.weights_bytes() + adapters_.bytes() + beside;
    return devices;
  }
  for (const auto& [type, bytes] : llama_get_memory_breakdown(context_.get())) {
    ggml_backend_dev_t device = ggml_backend_buft_is_host(type) ? nullptr : ggml_backend_buft_get_device(type);
    auto& sum = entry(device ? ggml_backend_dev_name(device) : "CPU");
    sum.weights_bytes += bytes.model;
    // Into a host's own buffers weights are mapped; what a processor wants in another layout is copied into buffers of another kind.
    if (!device && model.mapped()) sum.mapped_bytes += bytes.model;
    sum.kv_bytes += bytes.context;
    sum.compute_bytes += bytes.compute;
  }
  // libllama puts an adapter's matrices where the model's are and counts them nowhere.
  if (auto most = std::ranges::max_element(devices, {}, &common::DeviceMemory::weights_bytes); most != devices.end()) {
    most->weights_bytes += adapters_.bytes() + beside;
  }
  return devices;
}

}  // namespace worker::engine
