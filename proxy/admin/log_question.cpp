#include "proxy/admin/log_question.hpp"

#include <chrono>
#include <format>

#include "proxy/admin/query.hpp"
#include "proxy/admin/refusal.hpp"

namespace proxy::admin {

using common::fail;
using common::Json;
using common::LogFilter;
using common::LogLine;
using common::LogPiece;
using common::Result;

Result<LogFilter> read_log_source(const std::string& source, const NameModel& name_model) {
  if (source == "daemon") return LogFilter{.workers = false};
  if (source == "worker") return LogFilter{.daemon = false};
  auto model = name_model(source);
  if (!model) return fail(model.error());
  return LogFilter{.daemon = false, .model = std::move(*model)};
}

Result<LogQuestion> read_log_question(std::string_view query, const NameModel& name_model) {
  auto parameters = read_query(query);
  if (!parameters) return fail(parameters.error());
  LogQuestion question;
  common::LogLevel least = common::LogLevel::debug;
  for (const auto& [name, value] : *parameters) {
    if (name == "source") {
      auto filter = read_log_source(value, name_model);
      if (!filter) return fail(filter.error());
      question.filter = std::move(*filter);
    } else if (name == "level") {
      const auto level = common::log_level_from(value);
      if (!level) return refuse(name, "debug, info, warn or error", value);
      least = *level;
    } else if (name == "lines") {
      auto lines = read_number(value, name, 0, kMostLogLines);
      if (!lines) return fail(lines.error());
      question.lines = *lines;
    } else if (name == "after") {
      question.after = common::log_position_from(value);
      if (!question.after) return refuse(name, "the \"id\" of a line or the \"next\" of an answer, like 12-34,", value);
    } else {
      return fail(unknown_parameter(name, {"source", "level", "lines", "after"}));
    }
  }
  question.filter.least = least;
  return question;
}

Json line_json(const LogLine& line) {
  return {{"id", to_string(line.at)},
          {"time", std::chrono::duration<double>(line.time.time_since_epoch()).count()},
          {"level", to_string(line.level)},
          {"source", line.source.empty() ? "daemon" : "worker"},
          {"model", common::json_or_null(line.source)},
          {"text", line.text}};
}

std::string text_of(const LogPiece& piece) {
  std::string text;
  if (piece.skipped > 0) text += std::format("... {} lines are missing here: they came faster than they were read\n", piece.skipped);
  for (const LogLine& line : piece.lines) text += common::text_of(line) + '\n';
  return text;
}

std::string events_of(const LogPiece& piece) {
  std::string text;
  if (piece.skipped > 0) text += std::format("event: skipped\ndata: {{\"skipped\":{}}}\n\n", piece.skipped);
  for (const LogLine& line : piece.lines)
    text += std::format("id: {}\nevent: line\ndata: {}\n\n", to_string(line.at), common::dump_json(line_json(line)));
  return text;
}

}  // namespace proxy::admin
