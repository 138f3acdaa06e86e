// Requests to a running daemon, one after the other, blocking.
#pragma once

#include <functional>
#include <string>

#include "common/http_client.hpp"
#include "common/json.hpp"

namespace proxy::cli {

class DaemonClient {
 public:
  // "http://HOST:PORT".
  explicit DaemonClient(std::string url) : url_(std::move(url)) {}

  // The answer's JSON. ErrorKind::io when no daemon answers; otherwise the daemon's own error.
  common::Result<common::Json> get(std::string path) const { return call("GET", std::move(path), {}); }
  common::Result<common::Json> post(std::string path, std::string body) const { return call("POST", std::move(path), std::move(body)); }
  common::Result<common::Json> put(std::string path, std::string body) const { return call("PUT", std::move(path), std::move(body)); }
  common::Result<common::Json> remove(std::string path) const { return call("DELETE", std::move(path), {}); }
  // Calls back with each event's data as it comes; `on_data` returns false to stop.
  common::Result<void> stream(std::string path, std::string body, std::function<bool(const std::string&)> on_data) const;

  const std::string& url() const { return url_; }

 private:
  common::Result<common::Json> call(std::string method, std::string path, std::string body) const;

  std::string url_;
};

// For a path segment.
std::string percent_encode(std::string_view text);

}  // namespace proxy::cli
