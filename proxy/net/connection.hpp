// One client connection: reads requests one after the other, checks their framing, hands each to the handler.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>

#include "proxy/net/connection_table.hpp"
#include "proxy/net/exchange.hpp"
#include "proxy/net/framing.hpp"

namespace proxy::net {

using Handler = std::function<boost::asio::awaitable<void>(Exchange&)>;

struct ConnectionLimits {
  std::chrono::milliseconds header_timeout{10'000};  // first byte to last of a head
  std::chrono::milliseconds idle_timeout{75'000};    // between requests
  std::chrono::milliseconds body_timeout{60'000};    // for each read of a body, and for all of it without what the next line gives
  std::size_t body_bytes_per_second = 1000;          // a body that comes more slowly than this is given up in the end
  std::chrono::milliseconds write_timeout{120'000};  // for each write: a reader slower than this is gone
  std::size_t header_bytes = 16 * 1024;
};

// What the handlers of all connections share. Outlives them.
struct ConnectionContext {
  Handler handler;
  HostList hosts;
  ConnectionLimits limits;
  ConnectionTable connections{{}};
  bool closing = false;  // answers carry Connection: close
  std::size_t busy = 0;  // connections with a request in hand
  std::uint64_t requests = 0;
};

// Until the connection ends. Never throws but for cancellation.
boost::asio::awaitable<void> serve_connection(boost::asio::ip::tcp::socket socket, ConnectionContext& context,
                                              std::unique_ptr<ConnectionTable::Place> place);

}  // namespace proxy::net
