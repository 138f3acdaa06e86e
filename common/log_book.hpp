// The lines that were logged lately, for whoever asks over HTTP: the daemon's own, and what workers wrote to their error output.
//
// Two lists, each bounded in bytes, the oldest lines forgotten first: a worker that floods does not push out what the daemon says. Lines
// come from any thread, hence the lock, which is held for a copy at most. Nobody who reads is waited for: a reader says how far it has
// come, and is told how many lines it was too slow for.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace common {

enum class LogLevel { debug, info, warn, error };
std::string_view to_string(LogLevel level);
std::optional<LogLevel> log_level_from(std::string_view word);

// How many lines of each list there had been.
struct LogPosition {
  std::uint64_t daemon = 0, workers = 0;

  bool operator==(const LogPosition&) const = default;
};
// "12-34".
std::string to_string(LogPosition position);
std::optional<LogPosition> log_position_from(std::string_view text);

struct LogLine {
  LogPosition at;  // with it
  std::chrono::system_clock::time_point time;
  LogLevel level = LogLevel::info;
  std::string source;  // the model whose worker wrote it; empty: the daemon
  std::string text;    // no control characters, cut at 8 KiB
};
// As it stands in the daemon's own log, in local time, but for the word of a level: ours are those of the option --log-level.
std::string text_of(const LogLine& line);

struct LogFilter {
  bool daemon = true, workers = true;
  std::string model;  // of workers only this one's; empty: of all
  LogLevel least = LogLevel::debug;

  bool passes(const LogLine& line) const;
};

struct LogPiece {
  std::vector<LogLine> lines;  // in the order in which they were logged
  LogPosition next;            // what to go on from
  std::uint64_t skipped = 0;   // before the first: lines of the lists that the filter looks at, which were forgotten unread
};

class LogBook {
 public:
  struct Bounds {
    std::size_t daemon_bytes = 512 << 10, worker_bytes = 512 << 10;
  };
  LogBook() : LogBook(Bounds{}) {}
  explicit LogBook(Bounds bounds) : daemon_{.most_bytes = bounds.daemon_bytes}, workers_{.most_bytes = bounds.worker_bytes} {}

  void add(LogLevel level, std::string_view source, std::string_view text, std::chrono::system_clock::time_point time);

  LogPosition end() const;
  // Where the last `lines` that pass begin.
  LogPosition before_last(const LogFilter& filter, std::size_t lines) const;
  // Those that pass after a position, in pieces of about `most_bytes`. A position that lies ahead of all lines is of another run.
  LogPiece after(LogPosition position, const LogFilter& filter, std::size_t most_bytes) const;

  // Called, under the lock and by whoever logs, once for each watch() that was true. Null: nobody is.
  void wake_with(std::function<void()> wake);
  // False: there is something after it already.
  bool watch(LogPosition position);

 private:
  struct List {
    std::deque<LogLine> lines;
    std::size_t bytes = 0, most_bytes = 0;
    std::uint64_t total = 0;  // that there have been

    std::uint64_t forgotten() const { return total - lines.size(); }
    void add(LogLine line);
  };
  LogPosition position() const { return {.daemon = daemon_.total, .workers = workers_.total}; }

  mutable std::mutex mutex_;
  List daemon_, workers_;
  std::function<void()> wake_;
  bool watched_ = false;
};

}  // namespace common
