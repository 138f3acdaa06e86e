// What a connection and its current exchange share. Internal to proxy/net: it shows Beast.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <optional>

#include "proxy/net/connection.hpp"

namespace proxy::net {

class ConnectionState {
 public:
  ConnectionState(boost::asio::ip::tcp::socket connected, ConnectionContext& shared, std::unique_ptr<ConnectionTable::Place> admitted)
      : socket(std::move(connected)), context(shared), place(std::move(admitted)), buffer(shared.limits.header_bytes) {}

  boost::asio::ip::tcp::socket socket;
  ConnectionContext& context;
  std::unique_ptr<ConnectionTable::Place> place;
  bool last = false;  // no request follows the one in hand
  boost::beast::flat_buffer buffer;
  std::optional<boost::beast::http::request_parser<boost::beast::http::buffer_body>> parser;
};

// While it lives it is the client's turn, and its connection may have to make room.
class ClientTurn {
 public:
  explicit ClientTurn(ConnectionState& connection) : connection_(connection) {
    connection_.place->wait(std::chrono::steady_clock::now(), [this] {
      boost::system::error_code ignored;
      connection_.socket.close(ignored);
    });
  }
  ClientTurn(const ClientTurn&) = delete;
  ~ClientTurn() { connection_.place->busy(); }

 private:
  ConnectionState& connection_;
};

}  // namespace proxy::net
