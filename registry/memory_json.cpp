#include "registry/memory_json.hpp"

#include <algorithm>

namespace registry {

using common::Json;

Json json_of(const ModelFacts& facts) {
  Json files = Json::array();
  for (const auto& file : facts.files) files.push_back(file.string());
  const auto layers = [&facts](auto is_one) { return std::ranges::count_if(facts.layers, is_one); };
  return {{"files", std::move(files)},
          {"file_bytes", facts.file_bytes},
          {"architecture", facts.architecture},
          {"name", facts.name},
          {"type", common::json_or_null(facts.type)},
          {"quantization", facts.quantization},
          {"parameters", facts.parameters},
          {"active_parameters", facts.active_parameters},
          {"trained_context_tokens", facts.trained_context},
          {"embedding_width", facts.width},
          {"vocabulary", facts.vocabulary},
          {"layers", facts.layers.size()},
          {"layers_with_cache", layers([](const LayerFacts& layer) { return layer.key_values > 0; })},
          {"layers_with_window", layers([](const LayerFacts& layer) { return layer.windowed; })},
          {"layers_with_state", layers([](const LayerFacts& layer) { return layer.state_values > 0; })},
          {"window_tokens", facts.window},
          {"heads", facts.heads},
          {"experts", facts.experts},
          {"experts_used", facts.experts_used},
          {"chat_template", facts.has_chat_template},
          {"tool_format", common::json_or_null(facts.tool_format)},
          {"purpose", common::to_string(facts.purpose())},
          {"embeds", facts.embeds()}};
}

Json json_of(const MemoryNeed& need) {
  Json devices = Json::array();
  for (const DeviceNeed& device : need.devices) {
    devices.push_back({{"device", device.device},
                       {"weights_bytes", device.weights_bytes},
                       {"weights_mapped_bytes", device.weights_mapped_bytes},
                       {"full_kv_bytes", device.full_kv_bytes},
                       {"window_kv_bytes", device.window_kv_bytes},
                       {"state_bytes", device.state_bytes},
                       {"compute_bytes", device.compute_bytes}});
  }
  return {{"source", to_string(need.source)},    {"devices", std::move(devices)}, {"beside_bytes", need.beside_bytes},
          {"process_bytes", need.process_bytes}, {"total_bytes", need.total()},   {"prompt_cache_bytes", need.prompt_cache_bytes}};
}

Json json_of(const RunShape& shape) {
  return {{"context_tokens", shape.context_tokens},
          {"parallel", shape.parallel},
          {"kv_unified", shape.kv_unified},
          {"cache_type_k", shape.cache_type_k},
          {"cache_type_v", shape.cache_type_v}};
}

}  // namespace registry
