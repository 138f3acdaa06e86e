#include "common/tcp_socket.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/io_failure.hpp"

namespace common {

namespace asio = boost::asio;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

}  // namespace

asio::awaitable<Result<asio::ip::tcp::socket>> connect_tcp_socket(std::string host, std::string port) {
  auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(executor);
  // A number needs no lookup, for which Asio would use a thread of its own.
  const auto numeric = asio::ip::resolver_base::numeric_host | asio::ip::resolver_base::numeric_service;
  boost::system::error_code no_number;
  auto endpoints = resolver.resolve(host, port, numeric, no_number);
  if (no_number) {
    auto [lookup_error, found] = co_await resolver.async_resolve(host, port, kAwait);
    if (lookup_error) co_return io_failure("looking the address up", lookup_error);
    endpoints = std::move(found);
  }
  asio::ip::tcp::socket socket(executor);
  auto [ec, endpoint] = co_await asio::async_connect(socket, endpoints, kAwait);
  if (ec) co_return io_failure("connecting", ec);
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  co_return socket;
}

}  // namespace common
