// What is asked of the log, and lines of it as they are sent. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/json.hpp"
#include "common/log_book.hpp"
#include "common/result.hpp"

namespace proxy::admin {

inline constexpr std::size_t kUsualLogLines = 100;
inline constexpr std::size_t kMostLogLines = 100'000;

// The id of the model that a name means, which has or had a worker; an error otherwise.
using NameModel = std::function<common::Result<std::string>(const std::string&)>;

// "daemon", "worker" (all of them) or the name of a model. ErrorKind: those of `name_model`.
common::Result<common::LogFilter> read_log_source(const std::string& source, const NameModel& name_model);

struct LogQuestion {
  common::LogFilter filter;
  std::size_t lines = kUsualLogLines;        // so many of those that there are
  std::optional<common::LogPosition> after;  // or all that there are after this
};
// The query of a request: source, level, lines, after. ErrorKind::bad_request with the parameter that is wrong, or as above.
common::Result<LogQuestion> read_log_question(std::string_view query, const NameModel& name_model);

common::Json line_json(const common::LogLine& line);
// One line of text each, and one about those that were skipped.
std::string text_of(const common::LogPiece& piece);
// Events of the event stream format: "line", and "skipped" for a gap before them.
std::string events_of(const common::LogPiece& piece);

}  // namespace proxy::admin
