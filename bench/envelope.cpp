#include "bench/envelope.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <format>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace bench {

using common::Json;

namespace {

// The value of `key` in a file of "key: value" or "key=value" lines, or empty.
std::string look_up(const char* file, std::string_view key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const std::size_t split = line.find_first_of(":=");
    if (split == std::string::npos || !line.starts_with(key) || line.find_first_not_of(" \t", key.size()) != split) continue;
    const std::size_t from = line.find_first_not_of(" \t\"", split + 1);
    const std::size_t to = line.find_last_not_of(" \t\"");
    return from == std::string::npos ? std::string() : line.substr(from, to - from + 1);
  }
  return {};
}

std::string git_sha() {
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen("git -C '" PERCH_SOURCE_FOLDER "' rev-parse HEAD 2>/dev/null", "r"), pclose);
  char line[64] = {};
  if (!pipe || !std::fgets(line, sizeof line, pipe.get())) return "unknown";
  std::string sha(line);
  return sha.substr(0, sha.find('\n'));
}

Json system_json() {
  utsname names{};
  uname(&names);
  const std::string os = look_up("/etc/os-release", "PRETTY_NAME"), chip = look_up("/proc/cpuinfo", "model name");
  const double bytes = static_cast<double>(sysconf(_SC_PAGE_SIZE)) * static_cast<double>(sysconf(_SC_PHYS_PAGES));
  return {{"os", os.empty() ? names.sysname : os},
          {"chip", chip.empty() ? names.machine : chip},
          {"memory_gb", std::round(bytes / 1e8) / 10},
          {"kernel", names.release}};
}

Json measurement_json(const Measurement& measurement) {
  Json json{{"name", measurement.name}, {"metric", measurement.metric}, {"value", measurement.value}, {"unit", measurement.unit}};
  if (measurement.duration_seconds) json["duration_seconds"] = *measurement.duration_seconds;
  if (!measurement.tags.empty()) json["tags"] = measurement.tags;
  return json;
}

}  // namespace

std::string_view to_string(Suite suite) {
  switch (suite) {
    case Suite::throughput: return "throughput";
    case Suite::ttft: return "ttft";
    case Suite::tool_calling: return "tool-calling";
    case Suite::framework_eval: return "framework-eval";
  }
  return "unknown";
}

Json to_json(const Envelope& envelope) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  Json json{{"schema_version", "1"},  {"timestamp", std::format("{:%FT%TZ}", now)}, {"git_sha", git_sha()},
            {"trigger", "local"},     {"suite", to_string(envelope.suite)},         {"model", envelope.model},
            {"system", system_json()}};
  if (envelope.quantization) json["quantization"] = *envelope.quantization;
  json["results"] = Json::array();
  for (const Measurement& measurement : envelope.results) json["results"].push_back(measurement_json(measurement));
  if (!envelope.errors.empty()) json["errors"] = envelope.errors;
  return json;
}

void write_envelope(const std::filesystem::path& file, const Envelope& envelope) {
  std::ofstream out(file);
  out << to_json(envelope).dump(2) << '\n';
  out.close();
  if (!out) throw std::runtime_error(std::format("{} cannot be written", file.string()));
}

}  // namespace bench
