#include "common/log_book.hpp"

#include <algorithm>
#include <ctime>
#include <format>
#include <utility>

#include "common/whole_number.hpp"

namespace common {
namespace {

constexpr std::size_t kLongestText = 8192;
constexpr std::size_t kLongestSource = 256;

std::size_t cost_of(const LogLine& line) { return sizeof(LogLine) + line.source.size() + line.text.size(); }

// What a terminal would obey, or a reader of lines take for another line, is blanked.
std::string plain(std::string_view text, std::size_t longest) {
  std::string out(text.substr(0, longest));
  std::ranges::replace_if(out, [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; }, ' ');
  return out;
}

std::uint64_t order_of(const LogLine& line) { return line.at.daemon + line.at.workers; }

}  // namespace

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warn: return "warn";
    case LogLevel::error: return "error";
  }
  return "unknown";
}

std::optional<LogLevel> log_level_from(std::string_view word) {
  for (LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warn, LogLevel::error}) {
    if (word == to_string(level)) return level;
  }
  return std::nullopt;
}

std::string to_string(LogPosition position) { return std::format("{}-{}", position.daemon, position.workers); }

std::optional<LogPosition> log_position_from(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto daemon = whole_number<std::uint64_t>(text.substr(0, dash));
  const auto workers = whole_number<std::uint64_t>(text.substr(dash + 1));
  if (!daemon || !workers) return std::nullopt;
  return LogPosition{.daemon = *daemon, .workers = *workers};
}

std::string text_of(const LogLine& line) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(line.time);
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(line.time - whole);
  const std::time_t seconds = std::chrono::system_clock::to_time_t(whole);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  char stamp[32];
  const std::size_t length = std::strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &local);
  const std::string from = line.source.empty() ? "" : "worker " + line.source + ": ";
  return std::format("{}.{:03} {:<5} {}{}", std::string_view(stamp, length), left.count(), to_string(line.level), from, line.text);
}

bool LogFilter::passes(const LogLine& line) const {
  if (line.level < least) return false;
  if (line.source.empty()) return daemon;
  return workers && (model.empty() || line.source == model);
}

void LogBook::List::add(LogLine line) {
  bytes += cost_of(line);
  lines.push_back(std::move(line));
  while (bytes > most_bytes && !lines.empty()) {
    bytes -= cost_of(lines.front());
    lines.pop_front();
  }
}

void LogBook::add(LogLevel level, std::string_view source, std::string_view text, std::chrono::system_clock::time_point time) {
  LogLine line{.at = {}, .time = time, .level = level, .source = plain(source, kLongestSource), .text = plain(text, kLongestText)};
  const std::lock_guard lock(mutex_);
  List& list = line.source.empty() ? daemon_ : workers_;
  ++list.total;
  line.at = position();
  list.add(std::move(line));
  if (std::exchange(watched_, false) && wake_) wake_();
}

LogPosition LogBook::end() const {
  const std::lock_guard lock(mutex_);
  return position();
}

LogPosition LogBook::before_last(const LogFilter& filter, std::size_t lines) const {
  const std::lock_guard lock(mutex_);
  LogPosition before = position();
  auto daemon = daemon_.lines.rbegin();
  auto workers = workers_.lines.rbegin();
  while (lines > 0 && (daemon != daemon_.lines.rend() || workers != workers_.lines.rend())) {
    const bool is_daemons = workers == workers_.lines.rend() || (daemon != daemon_.lines.rend() && order_of(*daemon) > order_of(*workers));
    --(is_daemons ? before.daemon : before.workers);
    if (filter.passes(is_daemons ? *daemon++ : *workers++)) --lines;
  }
  return before;
}

LogPiece LogBook::after(LogPosition from, const LogFilter& filter, std::size_t most_bytes) const {
  const std::lock_guard lock(mutex_);
  if (from.daemon > daemon_.total || from.workers > workers_.total) from = {};
  LogPiece piece{.lines = {},
                 .next = {.daemon = std::max(from.daemon, daemon_.forgotten()), .workers = std::max(from.workers, workers_.forgotten())}};
  // The first line of a list that is to be looked at; counts what was forgotten before it.
  const auto begin = [&](const List& list, std::uint64_t seen, bool wanted) {
    if (wanted) piece.skipped += std::max(list.forgotten(), seen) - seen;
    return list.lines.begin() + static_cast<std::ptrdiff_t>(std::max(list.forgotten(), seen) - list.forgotten());
  };
  auto daemon = begin(daemon_, from.daemon, filter.daemon);
  auto workers = begin(workers_, from.workers, filter.workers);
  std::size_t bytes = 0;
  while (daemon != daemon_.lines.end() || workers != workers_.lines.end()) {
    const bool is_daemons = workers == workers_.lines.end() || (daemon != daemon_.lines.end() && order_of(*daemon) < order_of(*workers));
    const LogLine& line = is_daemons ? *daemon++ : *workers++;
    if (filter.passes(line)) {
      bytes += cost_of(line);
      if (bytes > most_bytes && !piece.lines.empty()) return piece;
      piece.lines.push_back(line);
    }
    // The place of a line may lie before what was forgotten of the other list, and that has been counted.
    piece.next = {.daemon = std::max(piece.next.daemon, line.at.daemon), .workers = std::max(piece.next.workers, line.at.workers)};
  }
  piece.next = position();
  return piece;
}

void LogBook::wake_with(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

bool LogBook::watch(LogPosition from) {
  const std::lock_guard lock(mutex_);
  watched_ = watched_ || from == position();
  return from == position();
}

}  // namespace common
