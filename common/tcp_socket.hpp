// How a TCP connection to somewhere else is made.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "common/result.hpp"

namespace common {

// `host`: a name, whose addresses are tried one after the other, or a number. ErrorKind::io says what failed.
boost::asio::awaitable<Result<boost::asio::ip::tcp::socket>> connect_tcp_socket(std::string host, std::string port);

}  // namespace common
