// Accepts connections on one address and serves each in a task of its own.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "common/clock.hpp"
#include "common/listen_address.hpp"
#include "common/task_group.hpp"
#include "proxy/net/connection.hpp"

namespace proxy::net {

class Listener {
 public:
  // Binds and listens; throws std::runtime_error with what failed.
  Listener(boost::asio::any_io_executor executor, const common::ListenAddress& address, ConnectionContext& context, common::Clock& clock);

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  // Until cancelled or closed. A failed accept (no descriptors left, say) is waited out, never the end.
  boost::asio::awaitable<void> run();
  // No new connections; those that are open go on until join().
  void close();
  void cancel_connections() { connections_.cancel(); }
  boost::asio::awaitable<void> join() { return connections_.join(); }

 private:
  // Ends when there is something to be decided about one more connection, after the grace at the latest.
  boost::asio::awaitable<void> room();

  ConnectionContext& context_;
  common::Clock& clock_;
  boost::asio::ip::tcp::acceptor acceptor_;
  common::TaskGroup connections_;
};

}  // namespace proxy::net
