// Logging: to stderr, text or JSON lines, through a bounded queue that drops and counts rather than blocks. Prompts are never logged.
#pragma once

#include <spdlog/spdlog.h>

#include <cstdint>
#include <string>

namespace common::log {

enum class Format {
  text,
  bare,  // without the time: for a program whose lines are stamped by the one that reads them
  json,
};

// Once, at the start of main. Before it, spdlog's own default writes to stderr synchronously.
void start(std::string program, Format format, spdlog::level::level_enum level);
// Waits until what was queued has been written, but not longer than 200 ms. Other threads may log on; what they say may be lost.
void stop();
std::uint64_t dropped();

using spdlog::debug;
using spdlog::error;
using spdlog::info;
using spdlog::warn;

}  // namespace common::log
