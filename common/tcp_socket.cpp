#include "common/tcp_socket.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "common/io_failure.hpp"
#include "common/name_lookup.hpp"

namespace common {

namespace asio = boost::asio;

asio::awaitable<Result<asio::ip::tcp::socket>> connect_tcp_socket(std::string host, std::string port) {
  auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(executor);
  // A number needs no lookup.
  const auto numeric = asio::ip::resolver_base::numeric_host | asio::ip::resolver_base::numeric_service;
  boost::system::error_code no_number;
  auto endpoints = resolver.resolve(host, port, numeric, no_number);
  if (no_number) {
    auto looking = look_up(std::move(host), std::move(port));
    auto found = co_await std::move(looking);
    if (!found) co_return fail(found.error());
    endpoints = std::move(*found);
  }
  asio::ip::tcp::socket socket(executor);
  auto [ec, endpoint] = co_await asio::async_connect(socket, endpoints, asio::as_tuple(asio::use_awaitable));
  if (ec) co_return io_failure("connecting", ec);
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  co_return socket;
}

}  // namespace common
