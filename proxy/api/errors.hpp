// Errors in the dialect of the surface: for now OpenAI's, as a body before the first byte and as a stream event after it.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/result.hpp"
#include "proxy/net/exchange.hpp"

namespace proxy::api {

// Before anything was sent: status, OpenAI-shaped body, Retry-After when the error knows one. After: an error event and a cut connection.
boost::asio::awaitable<void> reject(net::Exchange& exchange, common::Error error);

}  // namespace proxy::api
