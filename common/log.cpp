#include "common/log.hpp"

#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <chrono>
#include <format>
#include <memory>

#include "common/json.hpp"

namespace common::log {
namespace {

constexpr std::size_t kQueueLength = 8192;

class JsonFormatter final : public spdlog::formatter {
 public:
  explicit JsonFormatter(std::string program) : program_(std::move(program)) {}

  void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& out) override {
    auto level = spdlog::level::to_string_view(msg.level);
    Json line{{"time", std::format("{:%FT%T}Z", std::chrono::floor<std::chrono::milliseconds>(msg.time))},
              {"level", std::string(level.data(), level.size())},
              {"program", program_},
              {"message", std::string(msg.payload.data(), msg.payload.size())}};
    std::string text = dump_json(line) + "\n";
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<JsonFormatter>(program_); }

 private:
  std::string program_;
};

}  // namespace

void start(std::string program, Format format, spdlog::level::level_enum level) {
  spdlog::init_thread_pool(kQueueLength, 1);
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::async_logger>(program, sink, spdlog::thread_pool(), spdlog::async_overflow_policy::discard_new);
  if (format == Format::json) {
    logger->set_formatter(std::make_unique<JsonFormatter>(program));
  } else if (format == Format::bare) {
    logger->set_pattern("%-5l %v");
  } else {
    logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %-5l %v");
  }
  logger->set_level(level);
  spdlog::set_default_logger(std::move(logger));
}

void stop() { spdlog::shutdown(); }

std::uint64_t dropped() {
  auto pool = spdlog::thread_pool();
  return pool ? pool->discard_counter() : 0;
}

}  // namespace common::log
