#include "proxy/cli/units.hpp"

#include <format>
#include <iostream>

namespace proxy::cli {

using common::Json;

std::string mib(std::uint64_t bytes) { return std::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20)); }
std::string mib(const Json& bytes) { return bytes.is_number() ? mib(bytes.get<std::uint64_t>()) : "missing"; }

void print_need(const Json& need) {
  const auto row = [](const std::string& name, const Json& bytes, const std::string& remark = "") {
    if (bytes.get<std::uint64_t>() > 0) std::cout << std::format("  {:<34} {:>12}{}\n", name, mib(bytes), remark);
  };
  const bool several = need.at("devices").size() > 1;
  for (const Json& device : need.at("devices")) {
    const std::string on = several ? " on " + device.at("device").get<std::string>() : "";
    const auto mapped = device.at("weights_mapped_bytes").get<std::uint64_t>();
    row("weights" + on, device.at("weights_bytes"), mapped > 0 ? std::format("  ({} backed by the file)", mib(mapped)) : "");
    row("caches" + on, device.at("full_kv_bytes"));
    row("caches of windowed layers" + on, device.at("window_kv_bytes"));
    row("states of recurrent layers" + on, device.at("state_bytes"));
    row("compute buffers" + on, device.at("compute_bytes"));
  }
  row("adapters and projector", need.at("beside_bytes"));
  row("the worker itself", need.at("process_bytes"));
  row("together", need.at("total_bytes"), std::format("  ({})", need.at("source").get<std::string>()));
  row("and a prompt cache of up to", need.at("prompt_cache_bytes"));
}

}  // namespace proxy::cli
