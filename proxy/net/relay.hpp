// Carries a worker's answer to the client, piece by piece: the next piece is read only when the last one was taken.
//
// Event streams are forwarded in whole events, so that what is said after a worker's death is never glued to half an event. Nothing is
// forwarded twice; an answer that its worker did not complete is never completed here.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>

#include "common/http_client.hpp"
#include "proxy/net/exchange.hpp"

namespace proxy::net {

enum class RelayEnd {
  complete,
  upstream_lost,  // the worker's connection ended before its answer did
  client_lost,    // the client's did
};

struct Relayed {
  RelayEnd end = RelayEnd::complete;
  bool forwarded = false;  // whether any of the answer reached the client's socket; comments of a waiting stream are not part of it
  bool event_stream = false;
  common::Error error;  // unless complete
};

// `upstream` has been sent the request. An exchange that has already begun is an event stream with comments in it.
// `first_piece` is called when the first piece of an answer has been handed to the client's socket.
boost::asio::awaitable<Relayed> relay(common::HttpClient& upstream, Exchange& exchange, std::function<void()> first_piece);

}  // namespace proxy::net
