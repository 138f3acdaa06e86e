// What the handlers of the admin REST have in common: how they answer, and how a verb is let in.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "common/json.hpp"
#include "proxy/net/exchange.hpp"

namespace proxy::admin {

inline constexpr std::size_t kVerbBody = 64 * 1024;

boost::asio::awaitable<void> reply(net::Exchange& exchange, common::Json json);
// The body of a verb. Nothing: it was refused (and answered), because a foreign page could have sent it or its body is too large.
boost::asio::awaitable<std::optional<std::string>> accept_body(net::Exchange& exchange, std::size_t limit = kVerbBody);
// Likewise, without its body.
boost::asio::awaitable<bool> accept_verb(net::Exchange& exchange);
// Whether the caller wants the outcome; ?wait=false: not.
bool waits(const net::Exchange& exchange);

}  // namespace proxy::admin
