// One connection of the HTTP surface: reads requests, writes whole answers or event streams. Owned by its session coroutine.
//
// A write that fails means the client is gone; it is reported as false and the connection must not be used again.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <exception>
#include <string>
#include <string_view>

#include "common/json.hpp"
#include "common/result.hpp"

namespace worker::serve {

using Socket = boost::asio::local::stream_protocol::socket;

struct HttpCall {
  std::string method;
  std::string path;  // without the query
  std::string body;
  std::string owner = {};  // whose request it is, as the daemon says (common::kOwnerField); empty: nobody's in particular
  bool keep_alive = true;
};

class Exchange {
 public:
  static constexpr std::uint64_t kBodyLimit = 32 << 20;

  explicit Exchange(Socket socket);

  // The next request. ErrorKind::cancelled: the connection has ended between two requests. Any other: answer it, then close.
  boost::asio::awaitable<common::Result<HttpCall>> read();

  boost::asio::awaitable<bool> reply(unsigned status, common::Json body);
  boost::asio::awaitable<bool> refuse(common::Error error);
  // Carries out what answers the request. An exception that leaves it (cancellation aside) is a mistake of ours: the client is told, by a
  // 500 where nothing has been sent yet, else by an error event and a cut connection.
  boost::asio::awaitable<bool> carry_out(boost::asio::awaitable<bool> answering);

  // An event stream: begin once, events, then either end (which tells the client that it is complete) or abort.
  boost::asio::awaitable<bool> begin_stream();
  boost::asio::awaitable<bool> send_events(std::string events);  // in SSE form
  boost::asio::awaitable<bool> end_stream();
  // After an answer to a request that was not read to its end: takes in what the client still sends, for a moment, because closing a socket
  // with unread bytes throws the answer away.
  boost::asio::awaitable<void> linger();
  void close();  // without a proper end: whoever reads sees that something is missing

  Socket& socket() { return socket_; }
  bool keep_alive() const { return keep_alive_; }

 private:
  Socket socket_;
  boost::beast::flat_buffer buffer_;
  bool keep_alive_ = true;
  bool begun_ = false;  // something of the answer may have been sent
};

// An exception that nobody foresaw: logs it, and returns what the client is told, which holds nothing of it. ErrorKind: internal.
common::Error unforeseen(const std::exception& mistake);

// "data: ...\n\n"
std::string event(const common::Json& data);

}  // namespace worker::serve
