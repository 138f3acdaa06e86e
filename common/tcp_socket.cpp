#include "common/tcp_socket.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

#include "common/io_failure.hpp"
#include "common/one_shot.hpp"

namespace common {

namespace asio = boost::asio;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

using Endpoints = asio::ip::tcp::resolver::results_type;

struct Found {
  boost::system::error_code problem;
  Endpoints endpoints;
};

// A lookup cannot be called off once it runs, and a name server that does not answer takes its time: it goes on without whoever leaves.
struct Lookup {
  explicit Lookup(asio::any_io_executor executor) : resolver(executor), found(executor) {}

  asio::ip::tcp::resolver resolver;
  OneShot<Found> found;
};

asio::awaitable<Found> look_up(std::string host, std::string port) {
  auto lookup = std::make_shared<Lookup>(co_await asio::this_coro::executor);
  lookup->resolver.async_resolve(host, port, [lookup](boost::system::error_code problem, Endpoints endpoints) {
    lookup->found.set({.problem = problem, .endpoints = std::move(endpoints)});
  });
  auto taking = lookup->found.take();
  auto found = co_await std::move(taking);
  co_return found;
}

}  // namespace

asio::awaitable<Result<asio::ip::tcp::socket>> connect_tcp_socket(std::string host, std::string port) {
  auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(executor);
  // A number needs no lookup, for which Asio would use a thread of its own.
  const auto numeric = asio::ip::resolver_base::numeric_host | asio::ip::resolver_base::numeric_service;
  boost::system::error_code no_number;
  auto endpoints = resolver.resolve(host, port, numeric, no_number);
  if (no_number) {
    auto looking = look_up(std::move(host), std::move(port));
    auto found = co_await std::move(looking);
    if (found.problem) co_return io_failure("looking the address up", found.problem);
    endpoints = std::move(found.endpoints);
  }
  asio::ip::tcp::socket socket(executor);
  auto [ec, endpoint] = co_await asio::async_connect(socket, endpoints, kAwait);
  if (ec) co_return io_failure("connecting", ec);
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  co_return socket;
}

}  // namespace common
