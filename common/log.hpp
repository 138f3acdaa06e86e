// Logging: to stderr, text or JSON lines, through a bounded queue that drops and counts rather than blocks. Prompts are never logged.
#pragma once

#include <spdlog/spdlog.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "common/log_book.hpp"

namespace common::log {

enum class Format {
  text,
  bare,  // without the time: for a program whose lines are stamped by the one that reads them
  json,
};

enum class Keep {
  nothing,
  lines,  // those that pass the level, in book()
};

// Once, at the start of main. Before it, spdlog's own default writes to stderr synchronously.
void start(std::string program, Format format, spdlog::level::level_enum level, Keep keep = Keep::nothing);
// Waits until what was queued has been written, but not longer than 200 ms. Other threads may log on; what they say may be lost.
void stop();
std::uint64_t dropped();

// What is kept. A line gets there before it goes to stderr, so also when nobody reads that.
LogBook& book();
enum class WorkerKind {
  own,      // its lines begin with their level, as Format::bare writes them
  foreign,  // somebody else's server: its lines are of level info, whatever they begin with
};
// What a worker has written to its error output: kept whatever the level; `show`: on stderr as well.
void from_worker(WorkerKind kind, const std::string& worker, std::string_view line, bool show);

using spdlog::debug;
using spdlog::error;
using spdlog::info;
using spdlog::warn;

}  // namespace common::log
