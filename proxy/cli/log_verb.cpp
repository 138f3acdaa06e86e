#include "proxy/cli/log_verb.hpp"

#include <chrono>
#include <cmath>
#include <format>
#include <iostream>

#include "common/log_book.hpp"
#include "proxy/cli/outcome.hpp"

namespace proxy::cli {

using common::Json;

namespace {

std::string query_of(const LogCall& call) {
  std::string query = std::format("?lines={}", call.lines);
  if (!call.source.empty()) query += "&source=" + percent_encode(call.source);
  if (!call.level.empty()) query += "&level=" + call.level;
  return query;
}

std::string text(const Json& json, const char* key) {
  const auto at = json.find(key);
  return at == json.end() || !at->is_string() ? "" : at->get<std::string>();
}

common::LogLine line_of(const Json& json) {
  const auto micros = std::chrono::microseconds(std::llround(json.value("time", 0.0) * 1e6));
  return {.at = {},
          .time = std::chrono::system_clock::time_point(micros),
          .level = common::log_level_from(text(json, "level")).value_or(common::LogLevel::info),
          .source = text(json, "model"),
          .text = text(json, "text")};
}

void print_skipped(const Json& json) {
  if (const auto skipped = json.value("skipped", std::uint64_t{0}); skipped > 0)
    std::cout << std::format("... {} lines are missing here: they came faster than they were read\n", skipped);
}

int follow(const DaemonClient& daemon, const LogCall& call) {
  auto followed = daemon.follow("/admin/v1/logs/stream" + query_of(call), [&](const std::string& data) {
    if (call.json) {
      std::cout << data << std::endl;
      return true;
    }
    auto event = common::parse_json(data);
    if (!event || !event->is_object()) return true;
    print_skipped(*event);
    if (event->contains("text")) std::cout << common::text_of(line_of(*event)) << std::endl;
    return true;
  });
  return followed ? 0 : complain(daemon, followed.error());
}

}  // namespace

int show_logs(const DaemonClient& daemon, const LogCall& call) {
  if (call.follow) return follow(daemon, call);
  std::string query = query_of(call);
  Json all;
  std::size_t count = 0;
  std::uint64_t skipped = 0;
  while (true) {
    auto answer = daemon.get("/admin/v1/logs" + query);
    if (!answer) return complain(daemon, answer.error());
    Json lines = (*answer)["lines"];
    skipped += answer->value("skipped", std::uint64_t{0});
    if (!call.json) print_skipped(*answer);
    for (Json& line : lines) {
      if (count == call.lines) break;
      ++count;
      if (call.json) all.push_back(std::move(line));
      else std::cout << common::text_of(line_of(line)) << '\n';
    }
    if ((*answer)["more"].get<bool>() && count < call.lines) {
      query = query_of(call) + "&after=" + text(*answer, "next");
      continue;
    }
    if (!call.json) return 0;
    (*answer)["lines"] = all.is_null() ? Json::array() : std::move(all);
    (*answer)["skipped"] = skipped;
    return print_json(*answer);
  }
}

}  // namespace proxy::cli
