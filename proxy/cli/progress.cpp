#include "proxy/cli/progress.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <format>
#include <iostream>
#include <mutex>

#include "proxy/cli/daemon_client.hpp"
#include "proxy/cli/table.hpp"
#include "proxy/cli/terminal.hpp"
#include "registry/catalog.hpp"

namespace proxy::cli {

using common::Json;

namespace {

constexpr auto kPace = std::chrono::milliseconds(100);
constexpr std::size_t kBar = 24;
constexpr const char* kEraseLine = "\r\x1b[K";

std::string bar_of(double fraction) {
  const auto full = static_cast<std::size_t>(std::clamp(fraction, 0.0, 1.0) * kBar);
  return std::format("[{}{}] {:.0f} %", std::string(full, '#'), std::string(kBar - full, '.'), std::clamp(fraction, 0.0, 1.0) * 100);
}

std::string model_of(const Json& status, const std::string& name) {
  const Json choice = status.value("choice", Json::object());
  if (name == registry::kActiveRole && choice.contains("answered_by") && choice["answered_by"].is_string())
    return choice["answered_by"].get<std::string>();
  const Json roles = status.value("registry", Json::object()).value("roles", Json::object());
  return roles.contains(name) && roles[name].is_string() ? roles[name].get<std::string>() : name;
}

// What it waits for when it has no process of its own yet: the one that leaves for it.
std::string leaving(const Json& workers) {
  for (const Json& worker : workers) {
    const std::string state = worker.value("state", "");
    if (state == "draining" || state == "saving" || state == "stopping" || state == "reaping")
      return std::format("waits for {} ({})", worker.value("model", "?"), state);
  }
  return "waits for its turn";
}

}  // namespace

std::string progress_line(const Json& status, const std::string& name, std::size_t width) {
  const std::string model = model_of(status, name);
  const Json workers = status.value("workers", Json::array());
  std::string what = leaving(workers);
  for (const Json& worker : workers) {
    if (worker.value("model", "") != model) continue;
    const std::string state = worker.value("state", "");
    if (state == "loading") what = "loads " + bar_of(worker.value("load_fraction", 0.0));
    else if (state == "starting" || state == "probing" || state == "ready") what = state;
  }
  return cut(std::format("{}: {}", model, what), width);
}

LoadProgress::LoadProgress(std::string url, std::string name)
    : drawing_([url = std::move(url), name = std::move(name)](std::stop_token stopping) {
        const DaemonClient daemon(url);
        std::mutex mutex;
        std::condition_variable_any asked_to_stop;
        const std::size_t width = terminal_width().value_or(80) - 1;  // in the last place a terminal may begin a new line
        std::unique_lock lock(mutex);
        while (!asked_to_stop.wait_for(lock, stopping, kPace, [&] { return stopping.stop_requested(); })) {
          if (auto status = daemon.get("/admin/v1/status")) std::cerr << kEraseLine << progress_line(*status, name, width) << std::flush;
        }
        std::cerr << kEraseLine << std::flush;
      }) {}

LoadProgress::~LoadProgress() = default;  // a jthread asks its work to stop and waits for it

}  // namespace proxy::cli
