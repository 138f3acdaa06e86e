#include "worker/engine/backend.hpp"

#include <dlfcn.h>
#include <llama.h>
#include <mtmd.h>
#include <sys/stat.h>

#include <atomic>
#include <deque>
#include <format>
#include <mutex>

#include "common/log.hpp"

namespace worker::engine {
namespace {

constexpr std::size_t kComplaintsKept = 4;

// libllama logs from any of its threads, sometimes a line in pieces (level CONT).
struct LogSink {
  std::mutex mutex;
  bool verbose = false;
  std::atomic<bool> expected{false};
  ggml_log_level level = GGML_LOG_LEVEL_INFO;
  std::string line;
  std::deque<std::string> complaints;
};

LogSink& sink() {
  static LogSink instance;
  return instance;
}

spdlog::level::level_enum our_level(ggml_log_level level, bool verbose) {
  switch (level) {
    case GGML_LOG_LEVEL_ERROR: return spdlog::level::err;
    case GGML_LOG_LEVEL_WARN: return spdlog::level::warn;
    case GGML_LOG_LEVEL_INFO: return verbose ? spdlog::level::info : spdlog::level::debug;
    default: return spdlog::level::debug;
  }
}

void finish_line(LogSink& log) {
  if (log.line.empty()) return;
  spdlog::log(log.expected ? spdlog::level::debug : our_level(log.level, log.verbose), "libllama: {}", log.line);
  if (log.level == GGML_LOG_LEVEL_ERROR) {
    log.complaints.push_back(log.line);
    if (log.complaints.size() > kComplaintsKept) log.complaints.pop_front();
  }
  log.line.clear();
}

void take_log(ggml_log_level level, const char* text, void*) {
  LogSink& log = sink();
  std::lock_guard lock(log.mutex);
  if (level != GGML_LOG_LEVEL_CONT) {
    finish_line(log);
    log.level = level;
  }
  for (const char* c = text; *c != '\0'; ++c) {
    if (*c == '\n') {
      finish_line(log);
    } else {
      log.line += *c;
    }
  }
}

}  // namespace

void start_backend(bool verbose) {
  sink().verbose = verbose;
  llama_log_set(take_log, nullptr);
  mtmd_log_set(take_log, nullptr);
  ggml_backend_load_all();
  llama_backend_init();
}

std::string describe_backend() {
  std::string devices;
  for (std::size_t i = 0; i < ggml_backend_dev_count(); ++i) {
    ggml_backend_dev_t device = ggml_backend_dev_get(i);
    if (!devices.empty()) devices += ", ";
    devices += std::format("{} ({})", ggml_backend_dev_name(device), ggml_backend_dev_description(device));
  }
  return std::format("libllama {}; devices: {}", llama_version(), devices.empty() ? "none" : devices);
}

std::vector<common::DeviceFree> free_on_devices() {
  std::vector<common::DeviceFree> devices;
  for (std::size_t i = 0; i < ggml_backend_dev_count(); ++i) {
    ggml_backend_dev_t device = ggml_backend_dev_get(i);
    if (ggml_backend_dev_type(device) != GGML_BACKEND_DEVICE_TYPE_GPU) continue;  // the others have the host's
    std::size_t free = 0, total = 0;
    ggml_backend_dev_memory(device, &free, &total);
    devices.push_back({.device = ggml_backend_dev_name(device), .free_bytes = free});
  }
  return devices;
}

std::string engine_build() {
  Dl_info library{};
  struct stat st{};
  const bool found = dladdr(reinterpret_cast<const void*>(&llama_decode), &library) != 0 && library.dli_fname;
  if (!found || ::stat(library.dli_fname, &st) != 0) return describe_backend();
  return std::format("{}; {} bytes of {}.{}", describe_backend(), st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

void expect_complaints(bool expected) { sink().expected = expected; }

void forget_complaints() {
  std::lock_guard lock(sink().mutex);
  sink().complaints.clear();
}

std::string complaints() {
  std::lock_guard lock(sink().mutex);
  std::string joined;
  for (const std::string& line : sink().complaints) {
    if (!joined.empty()) joined += "; ";
    joined += line;
  }
  return joined;
}

}  // namespace worker::engine
