// What can go wrong, in the words that logs, metrics and error bodies use.
//
// An Error says what kind of failure it is, what was being attempted and, where a caller can act on it, which field was wrong and when to
// come back. It is a value: whoever handles it logs it or sends it, once. Programming mistakes are asserts, never Errors.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace common {

enum class ErrorKind {
  bad_request,  // malformed, wrong type, out of range
  bad_framing,  // the HTTP message itself cannot be trusted; the connection ends
  payload_too_large,
  header_too_large,
  uri_too_long,
  request_timeout,  // the client took too long to send it
  unsupported_media_type,
  unauthorized,
  forbidden,
  not_found,
  method_not_allowed,
  conflict,  // what was to be changed is not what it was any more
  model_not_found,
  context_length_exceeded,
  model_not_loaded,  // a worker was asked before it was ready, or for weights it does not hold
  queue_full,
  too_many_requests,     // of one model or one key
  too_many_connections,  // all are busy; only the daemon's own pages are served
  backing_off,           // the model failed a moment ago and is not tried again yet
  quarantined,           // it crashed again and again; a change of its file or an operator ends that
  unkillable,            // a worker that was killed is still there, so nothing may be loaded
  shutting_down,
  insufficient_memory,
  memory_pressure,  // memory is short for a while, or lent to somebody else: not now
  tier_not_now,     // models of its tier may be loaded at other hours, or when nobody is at work
  queue_timeout,
  load_failed,
  load_timeout,
  bad_model_file,
  worker_crashed,
  peer_unavailable,  // a remote endpoint does not answer, or did not a moment ago
  poison_request,  // it was running in two crashes
  model_evicted,   // drained out before the answer was complete
  model_unloaded,  // an operator unloaded what was being waited for
  cancelled,
  cancelled_by_operator,
  timeout,
  io,
  internal,
};

std::string_view to_string(ErrorKind kind);

class Error {
 public:
  Error() = default;
  Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

  // The request field that was wrong, as a path: "messages[2].role".
  Error&& in(std::string field) && {
    param_ = std::move(field);
    return std::move(*this);
  }
  // When it makes sense to try again, computed by whoever knows.
  Error&& retry_after(std::chrono::milliseconds wait) && {
    retry_after_ = wait;
    return std::move(*this);
  }

  ErrorKind kind() const { return kind_; }
  const std::string& message() const { return message_; }
  const std::optional<std::string>& param() const { return param_; }
  const std::optional<std::chrono::milliseconds>& retry_after() const { return retry_after_; }

 private:
  ErrorKind kind_ = ErrorKind::internal;
  std::string message_;
  std::optional<std::string> param_;
  std::optional<std::chrono::milliseconds> retry_after_;
};

}  // namespace common
