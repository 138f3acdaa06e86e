// Carries a worker's answer to the client, piece by piece: the next piece is read only when the last one was taken.
//
// Event streams are forwarded in whole events, so that what is said after a worker's death is never glued to half an event. Nothing is
// forwarded twice; an answer that its worker did not complete is never completed here.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

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
  common::Error error;     // unless complete
  bool own_words = false;  // of the server: the error is what it said itself, and nothing broke
  bool told = false;       // and the client has it already, as an event of the stream
};

// How a stream says that it is whole.
enum class StreamEnd {
  done,  // its last event is [DONE]
  stop,  // its last event says "stop": true, as llama-server's own endpoints have it
};
StreamEnd stream_end_of(std::string_view path);

struct RelayOptions {
  std::function<void()> first_piece;  // called when the first piece of an answer has been handed to the client's socket
  // Looks at the head of the answer before anything of it is passed on: an Error stands in its place.
  std::function<std::optional<common::Error>(const common::HttpResponseHead&)> judge;
  // Called with true when the next piece of the answer is waited for, and with false when it has come.
  std::function<void(bool waits)> listening;
  std::optional<std::string> model;   // what answers call their model, whatever the server calls it; nothing: it is right as it is
  StreamEnd stream_end = StreamEnd::done;
};

// `upstream` has been sent the request. An exchange that has already begun is an event stream with comments in it.
boost::asio::awaitable<Relayed> relay(common::HttpClient& upstream, Exchange& exchange, RelayOptions options);

// --- pure, for the tests ---

// How much of what is held of a stream may go out: everything up to the end of its last whole event. In the first `looked` bytes, which
// were held before, none ends.
std::size_t whole_events(std::string_view held, std::size_t looked = 0);
// Whether a stream that ends with these bytes has ended as such: its last event is [DONE].
bool ends_with_done(std::string_view tail);
// Whether the last of these whole events is a JSON object that says "stop": true.
bool says_stop(std::string_view events);
// What the last of these whole events says went wrong, where it is an error as OpenAI's servers write it.
std::optional<common::Error> error_told_in(std::string_view events);

}  // namespace proxy::net
