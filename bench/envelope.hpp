// The benchmark envelope, version 1: the JSON that every bench writes, in the shape of the MLX benchmark dataset.
//
// The structs hold what a bench knows; time, commit and machine are filled in when it is written.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/json.hpp"

namespace bench {

enum class Suite { throughput, ttft, tool_calling, framework_eval };
std::string_view to_string(Suite suite);

struct Measurement {
  std::string name;
  std::string metric;
  double value = 0;
  std::string unit;
  std::optional<double> duration_seconds;
  std::map<std::string, std::string> tags;
};

struct Envelope {
  Suite suite = Suite::throughput;
  std::string model;
  std::optional<std::string> quantization;
  std::vector<Measurement> results;
  std::vector<std::string> errors;
};

common::Json to_json(const Envelope& envelope);
// Throws std::runtime_error when the file cannot be written.
void write_envelope(const std::filesystem::path& file, const Envelope& envelope);

}  // namespace bench
