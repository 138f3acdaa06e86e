#include "proxy/cli/import.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <format>
#include <fstream>
#include <iostream>
#include <iterator>

#include "common/state_files.hpp"
#include "proxy/cli/outcome.hpp"
#include "registry/foreign/llama_server.hpp"
#include "registry/foreign/llama_swap.hpp"

namespace proxy::cli {
namespace {

namespace fs = std::filesystem;
using common::ErrorKind;
using common::Result;

constexpr std::size_t kMostBytes = 4 << 20;

Result<std::string> read_all(const std::string& name) {
  std::ifstream file;
  if (name != "-") {
    errno = 0;
    file.open(name, std::ios::binary);
    if (!file || fs::is_directory(name))
      return common::fail(ErrorKind::io, std::format("{} cannot be opened: {}", name, file ? "it is a folder" : std::strerror(errno)));
  }
  std::istream& in = name == "-" ? std::cin : file;
  std::string text(kMostBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMostBytes)
    return common::fail(ErrorKind::bad_request, std::format("{} is larger than {} MiB", name, kMostBytes >> 20));
  return text;
}

std::optional<std::string> variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

// As a worker of Perch's own would need it; nothing where its model file cannot be looked at.
std::optional<std::uint64_t> predicted_mib(const registry::foreign::Words& command) {
  const std::string file = registry::foreign::model_file_of(command);
  if (file.empty()) return std::nullopt;
  auto facts = registry::inspect(file);
  if (!facts) return std::nullopt;
  const auto need = registry::predict(*facts, registry::settled(registry::foreign::served_shape(command), *facts));
  return (need.total() >> 20) + 1;
}

std::string counted(std::size_t count, const char* one, const char* several) {
  return std::format("{} {}", count, count == 1 ? one : several);
}

void tell(const registry::foreign::Imported& imported, const std::string& config) {
  const std::string name = config == "-" ? "standard input" : config;
  for (const registry::foreign::Remark& remark : imported.remarks)
    std::cerr << std::format("{}:{}: {}: {}{}\n", name, remark.line, remark.key, remark.left_out ? "left out: " : "", remark.text);
}

std::size_t size_of(const common::Json& registry, const char* section) { return registry.contains(section) ? registry[section].size() : 0; }

}  // namespace

int import_llama_swap(const ImportCall& call) {
  auto text = read_all(call.config);
  if (!text) return complain(text.error().message());
  auto imported = registry::foreign::import_llama_swap(*text, {.embed = call.embed, .environment = variable, .memory_mib = predicted_mib});
  if (!imported) return complain(std::format("{}: {}", call.config, imported.error().message()));
  tell(*imported, call.config);
  const auto left_out = std::ranges::count_if(imported->remarks, &registry::foreign::Remark::left_out);
  const std::string content = imported->registry.dump(2, ' ', false, common::Json::error_handler_t::replace) + "\n";
  const std::string what = std::format("{}, {} and {}", counted(size_of(imported->registry, "catalog"), "model", "models"),
                                       counted(size_of(imported->registry, "peers"), "peer", "peers"),
                                       counted(size_of(imported->registry, "models"), "role", "roles"));
  if (call.strict && left_out > 0) {
    std::cerr << std::format("perch: nothing is written: {} left out of {}\n",
                             counted(static_cast<std::size_t>(left_out), "thing would be", "things would be"), what);
    return kLeftOut;
  }
  if (call.output.empty()) {
    std::cout << content;
  } else {
    if (fs::exists(call.output) && !call.replace) return complain(call.output + " is there already; --force replaces it");
    if (auto written = common::replace_file(fs::absolute(call.output), content); !written) return complain(written.error().message());
  }
  std::cerr << std::format("perch: {} written{}; {} left out\n", what, call.output.empty() ? "" : " to " + call.output,
                           counted(static_cast<std::size_t>(left_out), "thing", "things"));
  return 0;
}

}  // namespace proxy::cli
