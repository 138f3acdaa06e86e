#include "proxy/cli/inspect.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <format>
#include <iostream>

#include "common/program_folder.hpp"
#include "proxy/cli/outcome.hpp"
#include "proxy/cli/units.hpp"
#include "registry/memory_json.hpp"
#include "registry/simulated_load.hpp"

namespace proxy::cli {
namespace {

namespace fs = std::filesystem;

constexpr auto kPatience = std::chrono::minutes(2);

std::string parameters_of(const registry::ModelFacts& facts) {
  const auto millions = [](std::uint64_t count) { return std::format("{:.1f} M", static_cast<double>(count) / 1e6); };
  if (facts.active_parameters == facts.parameters) return millions(facts.parameters);
  return std::format("{}, of which {} work on one token ({} of {} experts)", millions(facts.parameters), millions(facts.active_parameters),
                     facts.experts_used, facts.experts);
}

std::string layers_of(const registry::ModelFacts& facts) {
  std::string text = std::to_string(facts.layers.size());
  const auto windowed = std::ranges::count_if(facts.layers, &registry::LayerFacts::windowed);
  const auto recurrent = std::ranges::count_if(facts.layers, [](const auto& layer) { return layer.state_values > 0; });
  if (windowed > 0) text += std::format(", {} of them with a window of {} tokens", windowed, facts.window);
  if (recurrent > 0) text += std::format(", {} of them recurrent", recurrent);
  return text;
}

common::Result<common::Estimate> simulate(fs::path worker, const fs::path& file, const registry::RunShape& shape) {
  boost::asio::io_context loop(1);
  common::Result<common::Estimate> outcome;
  boost::asio::co_spawn(loop, registry::simulate_load(std::move(worker), file, shape, kPatience),
                        [&](std::exception_ptr thrown, common::Result<common::Estimate> result) {
                          if (thrown) std::rethrow_exception(thrown);
                          outcome = std::move(result);
                        });
  loop.run();
  return outcome;
}

void print_row(std::string_view name, const std::string& value) { std::cout << std::format("{:<16} {}\n", name, value); }

void print_identity(const registry::ModelFacts& facts) {
  print_row("architecture", facts.architecture + (facts.name.empty() ? "" : " (" + facts.name + ")"));
  print_row("quantization", facts.quantization);
  print_row("size", std::format("{} in {}", mib(facts.file_bytes),
                                facts.files.size() == 1 ? "one file" : std::format("{} files", facts.files.size())));
  print_row("parameters", parameters_of(facts));
}

}  // namespace

int inspect_file(const fs::path& file, const registry::RunShape& wanted, std::optional<fs::path> simulated_by, bool json) {
  auto facts = registry::inspect(file);
  if (!facts) return complain(facts.error().message());
  if (const std::string why_not = registry::why_no_model(*facts); !why_not.empty()) {
    if (json) return print_json({{"facts", json_of(*facts)}, {"problem", why_not}});
    print_identity(*facts);
    print_row("no model", why_not);
    return 0;
  }
  const registry::RunShape shape = registry::settled(wanted, *facts);
  registry::MemoryNeed need = registry::predict(*facts, shape);
  if (simulated_by) {
    auto estimate = simulate(simulated_by->empty() ? common::beside_this_program("perch-worker") : *simulated_by, file, shape);
    if (!estimate) return complain(estimate.error().message());
    need = registry::confirmed(*facts, shape, std::move(need), *estimate);
  }
  if (json) return print_json({{"facts", json_of(*facts)}, {"shape", json_of(shape)}, {"need", json_of(need)}});
  print_identity(*facts);
  print_row("layers", layers_of(*facts));
  print_row("vocabulary", std::format("{} words", facts->vocabulary));
  print_row("trained for", std::format("{} tokens", facts->trained_context));
  print_row("purpose", std::string(to_string(facts->purpose())));
  print_row("chat template", !facts->has_chat_template    ? "none"
                             : facts->tool_format.empty() ? "yes"
                                                          : std::format("yes; tool calls as {}", facts->tool_format));
  std::cout << std::format("\nwith {} x {} tokens, keys {}, values {}:\n", shape.kv_unified ? 1 : shape.parallel, shape.context_tokens,
                           shape.cache_type_k, shape.cache_type_v);
  print_need(json_of(need));
  return 0;
}

}  // namespace proxy::cli
