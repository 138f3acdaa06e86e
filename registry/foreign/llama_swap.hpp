// A llama-swap configuration as a registry: text in, JSON and a report out. Nothing is run, opened or asked; what has no counterpart is
// said line by line, and no key of anybody's is written.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "registry/foreign/command_line.hpp"
#include "registry/foreign/macros.hpp"

namespace registry::foreign {

struct ImportOptions {
  bool embed = false;       // plain llama-server commands become models of Perch's own workers
  Environment environment;  // what ${env.NAME} stands for
  // What a server that is started so will hold, where its model file can be looked at.
  std::function<std::optional<std::uint64_t>(const Words& command)> memory_mib;
};

struct Remark {
  int line = 0;  // of the configuration
  std::string key;
  std::string text;
  bool left_out = false;  // it has no counterpart; otherwise it is there, and not as it was
};

struct Imported {
  common::Json registry;
  std::vector<Remark> remarks;  // by line
};

// ErrorKind::bad_request with the line of what llama-swap itself could not take.
common::Result<Imported> import_llama_swap(std::string_view text, const ImportOptions& options);

}  // namespace registry::foreign
