#include "common/log.hpp"

#include <spdlog/async.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <chrono>
#include <format>
#include <memory>
#include <thread>
#include <utility>

#include "common/json.hpp"

namespace common::log {
namespace {

constexpr std::size_t kQueueLength = 8192;
constexpr auto kFlushLook = std::chrono::microseconds(100);  // every program ends with one, and a swap waits for a program's end
constexpr auto kFlushLimit = std::chrono::milliseconds(200);  // whoever reads stderr may have stopped reading

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

using Stderr = spdlog::sinks::stderr_sink_mt;

// Tells when what was queued before a flush has been written.
class FlushCountingSink final : public Stderr {
 public:
  void flush() override {
    Stderr::flush();
    ++flushes;
  }
  std::atomic<std::uint64_t> flushes{0};
};

LogLevel level_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug: return LogLevel::debug;
    case spdlog::level::info: return LogLevel::info;
    case spdlog::level::warn: return LogLevel::warn;
    default: return LogLevel::error;
  }
}

// The book has a lock of its own, and so has the logger behind.
using UnlockedSink = spdlog::sinks::base_sink<spdlog::details::null_mutex>;

// Keeps each line, and passes it on to the logger that queues it for stderr.
class KeepingSink final : public UnlockedSink {
 public:
  explicit KeepingSink(std::shared_ptr<spdlog::logger> behind) : behind_(std::move(behind)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& msg) override {
    book().add(level_of(msg.level), "", {msg.payload.data(), msg.payload.size()}, msg.time);
    behind_->log(msg.time, msg.source, msg.level, msg.payload);
  }
  void flush_() override { behind_->flush(); }

  std::shared_ptr<spdlog::logger> behind_;
};

// As Format::bare writes it: the level, padded to five places, and a space. A library within the worker may write otherwise.
std::pair<LogLevel, std::string_view> split_level(std::string_view line) {
  constexpr std::pair<std::string_view, LogLevel> kHeads[] = {{"trace ", LogLevel::debug}, {"debug ", LogLevel::debug},
                                                              {"info  ", LogLevel::info},  {"warning ", LogLevel::warn},
                                                              {"error ", LogLevel::error}, {"critical ", LogLevel::error}};
  for (const auto& [head, level] : kHeads) {
    if (line.starts_with(head)) return {level, line.substr(head.size())};
  }
  return {LogLevel::info, line};
}

std::shared_ptr<FlushCountingSink> the_sink;
std::shared_ptr<spdlog::logger> to_stderr;

}  // namespace

LogBook& book() {
  static LogBook& the_book = *new LogBook;  // threads may log to the very end
  return the_book;
}

void from_worker(WorkerKind kind, const std::string& worker, std::string_view line, bool show) {
  const auto [level, text] = kind == WorkerKind::own ? split_level(line) : std::pair(LogLevel::info, line);
  book().add(level, worker, text, std::chrono::system_clock::now());
  spdlog::logger& shown = to_stderr ? *to_stderr : *spdlog::default_logger_raw();
  if (show) shown.info("worker {}: {}", worker, line);
}

void start(std::string program, Format format, spdlog::level::level_enum level, Keep keep) {
  spdlog::init_thread_pool(kQueueLength, 1);
  the_sink = std::make_shared<FlushCountingSink>();
  auto logger =
      std::make_shared<spdlog::async_logger>(program, the_sink, spdlog::thread_pool(), spdlog::async_overflow_policy::discard_new);
  if (format == Format::json) {
    logger->set_formatter(std::make_unique<JsonFormatter>(program));
  } else if (format == Format::bare) {
    logger->set_pattern("%-5l %v");
  } else {
    logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %-5l %v");
  }
  logger->set_level(level);
  to_stderr = logger;
  if (keep == Keep::nothing) return spdlog::set_default_logger(std::move(logger));
  auto keeping = std::make_shared<spdlog::logger>(program, std::make_shared<KeepingSink>(std::move(logger)));
  keeping->set_level(level);
  spdlog::set_default_logger(std::move(keeping));
}

// Not spdlog's own shutdown, which destroys the logger under the hands of threads that still log.
void stop() {
  if (!the_sink) return;
  const std::uint64_t before = the_sink->flushes;
  const auto deadline = std::chrono::steady_clock::now() + kFlushLimit;
  while (the_sink->flushes == before && std::chrono::steady_clock::now() < deadline) {
    spdlog::default_logger_raw()->flush();  // again and again: a full queue drops it
    std::this_thread::sleep_for(kFlushLook);
  }
}

std::uint64_t dropped() {
  auto pool = spdlog::thread_pool();
  return pool ? pool->discard_counter() : 0;
}

}  // namespace common::log
