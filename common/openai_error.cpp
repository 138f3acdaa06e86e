#include "common/openai_error.hpp"

#include <optional>

namespace common {
namespace {

std::string_view openai_type(unsigned status) {
  switch (status) {
    case 401: return "authentication_error";
    case 403: return "permission_error";
    case 404: return "not_found_error";
    case 429: return "rate_limit_error";
    default: return status < 500 ? "invalid_request_error" : "server_error";
  }
}

std::optional<ErrorKind> kind_named(std::string_view code) {
  for (int number = 0; number <= static_cast<int>(ErrorKind::internal); ++number) {  // the last one
    if (auto kind = static_cast<ErrorKind>(number); to_string(kind) == code) return kind;
  }
  return std::nullopt;
}

// What stands under "error", if it is an object.
std::optional<Json> error_in(std::string_view body) {
  auto parsed = parse_json(body);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  auto error = parsed->find("error");
  return error != parsed->end() && error->is_object() ? std::optional(*error) : std::nullopt;
}

std::optional<std::string> text_in(const Json& object, const char* name) {
  auto value = object.find(name);
  return value != object.end() && value->is_string() ? std::optional(value->get<std::string>()) : std::nullopt;
}

}  // namespace

unsigned http_status(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::bad_request:
    case ErrorKind::bad_framing:
    case ErrorKind::context_length_exceeded: return 400;
    case ErrorKind::unauthorized: return 401;
    case ErrorKind::forbidden: return 403;
    case ErrorKind::not_found:
    case ErrorKind::model_not_found: return 404;
    case ErrorKind::method_not_allowed: return 405;
    case ErrorKind::request_timeout: return 408;
    case ErrorKind::conflict: return 409;
    case ErrorKind::payload_too_large: return 413;
    case ErrorKind::uri_too_long: return 414;
    case ErrorKind::unsupported_media_type: return 415;
    case ErrorKind::bad_model_file:
    case ErrorKind::poison_request: return 422;
    case ErrorKind::too_many_requests: return 429;
    case ErrorKind::header_too_large: return 431;
    case ErrorKind::cancelled: return 499;  // nginx's code for a client that left; only ever seen in logs
    case ErrorKind::io:
    case ErrorKind::internal: return 500;
    case ErrorKind::peer_unavailable:
    case ErrorKind::load_failed:
    case ErrorKind::worker_crashed: return 502;
    case ErrorKind::model_not_loaded:
    case ErrorKind::queue_full:
    case ErrorKind::too_many_connections:
    case ErrorKind::backing_off:
    case ErrorKind::quarantined:
    case ErrorKind::unkillable:
    case ErrorKind::shutting_down:
    case ErrorKind::cancelled_by_operator:
    case ErrorKind::memory_pressure:
    case ErrorKind::tier_not_now:
    case ErrorKind::model_evicted:
    case ErrorKind::model_unloaded: return 503;
    case ErrorKind::queue_timeout:
    case ErrorKind::load_timeout:
    case ErrorKind::timeout: return 504;
    case ErrorKind::insufficient_memory: return 507;
  }
  return 500;
}

Json openai_error(const Error& error) {
  Json body;
  body["message"] = error.message();
  body["type"] = openai_type(http_status(error.kind()));
  body["param"] = error.param() ? Json(*error.param()) : Json(nullptr);
  body["code"] = to_string(error.kind());
  return Json{{"error", std::move(body)}};
}

Error from_openai_error(std::string_view body, ErrorKind fallback) {
  const auto error = error_in(body);
  if (auto message = error ? text_in(*error, "message") : std::nullopt) return Error(fallback, std::move(*message));
  return Error(fallback, body.empty() ? std::string("no message") : std::string(body.substr(0, 500)));
}

Error refusal_of(std::string_view body, unsigned status) {
  const auto error = error_in(body);
  const auto code = error ? text_in(*error, "code") : std::nullopt;
  const auto kind = code ? kind_named(*code) : std::nullopt;
  Error refusal = from_openai_error(body, kind.value_or(status < 500 ? ErrorKind::bad_request : ErrorKind::internal));
  auto param = error ? text_in(*error, "param") : std::nullopt;
  return param ? std::move(refusal).in(std::move(*param)) : refusal;
}

}  // namespace common
