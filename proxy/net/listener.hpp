// Accepts connections on one address and serves each in a task of its own.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "common/clock.hpp"
#include "common/task_group.hpp"
#include "proxy/net/connection.hpp"

namespace proxy::net {

struct Address {
  std::string host;
  std::uint16_t port = 0;
  bool loopback() const;
};

// "127.0.0.1:11434", "[::1]:8080", "0.0.0.0:80". ErrorKind::bad_request says what is wrong.
common::Result<Address> parse_address(std::string_view text);

class Listener {
 public:
  // Binds and listens; throws std::runtime_error with what failed.
  Listener(boost::asio::any_io_executor executor, const Address& address, ConnectionContext& context, common::Clock& clock);

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  // Until cancelled or closed. A failed accept (no descriptors left, say) is waited out, never the end.
  boost::asio::awaitable<void> run();
  // No new connections; those that are open go on until join().
  void close();
  void cancel_connections() { connections_.cancel(); }
  boost::asio::awaitable<void> join() { return connections_.join(); }

 private:
  ConnectionContext& context_;
  common::Clock& clock_;
  boost::asio::ip::tcp::acceptor acceptor_;
  common::TaskGroup connections_;
};

}  // namespace proxy::net
