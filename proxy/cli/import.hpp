// `perch import llama-swap CONFIG.yaml`: writes the registry for a configuration of another tool, and says on standard error, line by line,
// what it has no place for. Works without a daemon.
#pragma once

#include <string>

namespace proxy::cli {

struct ImportCall {
  std::string config;  // "-": standard input
  std::string output;  // empty: standard output
  bool replace = false;
  bool strict = false;  // what is left out makes it fail, and nothing is written
  bool embed = false;
};

int import_llama_swap(const ImportCall& call);

}  // namespace proxy::cli
