#include "common/error.hpp"

namespace common {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::bad_request: return "bad_request";
    case ErrorKind::bad_framing: return "bad_framing";
    case ErrorKind::payload_too_large: return "payload_too_large";
    case ErrorKind::header_too_large: return "header_too_large";
    case ErrorKind::unsupported_media_type: return "unsupported_media_type";
    case ErrorKind::unauthorized: return "unauthorized";
    case ErrorKind::forbidden: return "forbidden";
    case ErrorKind::not_found: return "not_found";
    case ErrorKind::method_not_allowed: return "method_not_allowed";
    case ErrorKind::conflict: return "conflict";
    case ErrorKind::model_not_found: return "model_not_found";
    case ErrorKind::context_length_exceeded: return "context_length_exceeded";
    case ErrorKind::model_not_loaded: return "model_not_loaded";
    case ErrorKind::queue_full: return "queue_full";
    case ErrorKind::too_many_requests: return "too_many_requests";
    case ErrorKind::backing_off: return "backing_off";
    case ErrorKind::quarantined: return "quarantined";
    case ErrorKind::unkillable: return "unkillable";
    case ErrorKind::shutting_down: return "shutting_down";
    case ErrorKind::uri_too_long: return "uri_too_long";
    case ErrorKind::request_timeout: return "request_timeout";
    case ErrorKind::too_many_connections: return "too_many_connections";
    case ErrorKind::insufficient_memory: return "insufficient_memory";
    case ErrorKind::memory_pressure: return "memory_pressure";
    case ErrorKind::tier_not_now: return "tier_not_now";
    case ErrorKind::queue_timeout: return "queue_timeout";
    case ErrorKind::load_failed: return "load_failed";
    case ErrorKind::load_timeout: return "load_timeout";
    case ErrorKind::bad_model_file: return "bad_model_file";
    case ErrorKind::worker_crashed: return "worker_crashed";
    case ErrorKind::peer_unavailable: return "peer_unavailable";
    case ErrorKind::poison_request: return "poison_request";
    case ErrorKind::model_evicted: return "model_evicted";
    case ErrorKind::model_unloaded: return "model_unloaded";
    case ErrorKind::cancelled: return "cancelled";
    case ErrorKind::cancelled_by_operator: return "cancelled_by_operator";
    case ErrorKind::timeout: return "timeout";
    case ErrorKind::io: return "io";
    case ErrorKind::internal: return "internal";
  }
  return "internal";
}

}  // namespace common
