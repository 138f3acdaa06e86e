// Requests to a running daemon, one after the other, blocking.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "common/http_client.hpp"
#include "common/json.hpp"

namespace proxy::cli {

class DaemonClient {
 public:
  // "http://HOST:PORT". `patience`: how long an answer may take; nothing: as long as it does, because a load or an answer may take minutes.
  explicit DaemonClient(std::string url, std::optional<std::chrono::milliseconds> patience = std::nullopt)
      : url_(std::move(url)), patience_(patience) {}

  // The answer's JSON. ErrorKind::io when no daemon answers, timeout when nobody has patience any more; otherwise the daemon's own error.
  common::Result<common::Json> get(std::string path) const { return call("GET", std::move(path), {}); }
  common::Result<common::Json> post(std::string path, std::string body) const { return call("POST", std::move(path), std::move(body)); }
  common::Result<common::Json> put(std::string path, std::string body) const { return call("PUT", std::move(path), std::move(body)); }
  common::Result<common::Json> remove(std::string path) const { return call("DELETE", std::move(path), {}); }
  // Calls back with each event's data as it comes; `on_data` returns false to stop.
  common::Result<void> stream(std::string path, std::string body, std::function<bool(const std::string&)> on_data) const;
  // Likewise, of a page of the daemon's.
  common::Result<void> follow(std::string path, std::function<bool(const std::string&)> on_data) const;

  const std::string& url() const { return url_; }

 private:
  common::Result<common::Json> call(std::string method, std::string path, std::string body) const;

  std::string url_;
  std::optional<std::chrono::milliseconds> patience_;
};

// For a path segment.
std::string percent_encode(std::string_view text);

}  // namespace proxy::cli
