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
  ConnectionState(boost::asio::ip::tcp::socket connected, ConnectionContext& shared)
      : socket(std::move(connected)), context(shared), buffer(shared.limits.header_bytes) {}

  boost::asio::ip::tcp::socket socket;
  ConnectionContext& context;
  boost::beast::flat_buffer buffer;
  std::optional<boost::beast::http::request_parser<boost::beast::http::buffer_body>> parser;
};

}  // namespace proxy::net
