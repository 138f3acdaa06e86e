// The one place that maps an Error to an HTTP status and an OpenAI-shaped body. Worker and proxy both answer through it.
#pragma once

#include <string>

#include "common/json.hpp"

namespace common {

unsigned http_status(ErrorKind kind);

// {"error":{"message","type","param","code"}}: all four always present, as the OpenAI SDKs expect.
Json openai_error(const Error& error);

// The reverse, for a worker's answer read by the proxy or a daemon's read by the command line; `fallback` when the body is something else.
Error from_openai_error(std::string_view body, ErrorKind fallback);
// The same with what the server says of it: the kind by its code, where that is one of ours, and else by the status; the field that was
// wrong.
Error refusal_of(std::string_view body, unsigned status);

}  // namespace common
