#include "proxy/net/listener.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <format>
#include <stdexcept>

#include "common/log.hpp"

namespace proxy::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr common::Duration kRoomPause = std::chrono::milliseconds(5);  // in which somebody may have gone

tcp::acceptor listening_acceptor(asio::any_io_executor executor, const common::ListenAddress& address) {
  const tcp::endpoint endpoint(asio::ip::make_address(address.host), address.port);
  try {
    return tcp::acceptor(executor, endpoint, /*reuse_addr=*/true);
  } catch (const boost::system::system_error& error) {
    throw std::runtime_error(std::format("cannot listen on {} port {}: {} (is another server running there?)", address.host, address.port,
                                         error.code().message()));
  }
}

}  // namespace

Listener::Listener(asio::any_io_executor executor, const common::ListenAddress& address, ConnectionContext& context, common::Clock& clock)
    : context_(context), clock_(clock), acceptor_(listening_acceptor(executor, address)), connections_(executor, "connections") {}

asio::awaitable<void> Listener::run() {
  while (acceptor_.is_open()) {
    auto [ec, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
    if (ec == asio::error::operation_aborted) co_return;
    if (ec) {
      common::log::warn("accepting a connection failed: {}", ec.message());
      co_await clock_.sleep_for(kAcceptPause);
      continue;
    }
    co_await room();
    if (!acceptor_.is_open()) co_return;
    // Without a place for it the socket closes here.
    if (auto place = context_.connections.admit()) connections_.spawn(serve_connection(std::move(socket), context_, std::move(place)));
  }
}

asio::awaitable<void> Listener::room() {
  // Where everybody takes turns faster than that, there is always somebody whose grace has just begun.
  const common::TimePoint latest = clock_.now() + context_.connections.grace();
  while (clock_.now() < latest) {
    const auto wait = context_.connections.until_room(clock_.now());
    if (!wait) co_return;
    co_await clock_.sleep_for(std::min(*wait, kRoomPause));
  }
}

void Listener::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
}

}  // namespace proxy::net
