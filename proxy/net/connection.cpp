#include "proxy/net/connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancel_after.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/read.hpp>
#include <format>

#include "common/json.hpp"
#include "common/log.hpp"
#include "common/openai_error.hpp"
#include "proxy/net/connection_state.hpp"

namespace proxy::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using common::Error;
using common::ErrorKind;
using common::Result;

namespace {

struct Count {
  explicit Count(std::size_t& counter) : counter_(counter) { ++counter_; }
  ~Count() { --counter_; }
  std::size_t& counter_;
};

std::string new_request_id(ConnectionContext& context) { return std::format("req-{:012x}", ++context.requests); }

RequestHead head_of(const http::request<http::buffer_body>& message) {
  RequestHead head{.method = message.method_string(), .target = message.target(), .version = message.version()};
  auto question = head.target.find('?');
  head.path = head.target.substr(0, question);
  if (question != std::string::npos) head.query = head.target.substr(question + 1);
  for (const auto& field : message.base()) head.fields.emplace_back(field.name_string(), field.value());
  return head;
}

// What to tell a client whose head could not be read, if anything.
std::optional<Error> head_error(boost::system::error_code ec) {
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow)
    return Error(ErrorKind::header_too_large, "the request head is larger than 16 KiB");
  if (ec.category() == make_error_code(http::error::bad_method).category() && ec != http::error::end_of_stream &&
      ec != http::error::partial_message) {
    return Error(ErrorKind::bad_framing, "the request head is not valid HTTP/1.1: " + ec.message());
  }
  return std::nullopt;
}

// Reading on for a moment after the answer: closing with unread input would reset the connection and could destroy the answer on its way
// (RFC 9112, 9.6).
asio::awaitable<void> linger(asio::ip::tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  char waste[4096];
  auto token = asio::cancel_after(std::chrono::milliseconds(500), asio::as_tuple(asio::use_awaitable));
  for (int i = 0; i < 64; ++i) {
    auto buffer = asio::buffer(waste);
    auto [ec, read] = co_await socket.async_read_some(buffer, token);
    if (ec || read == 0) co_return;
  }
}

asio::awaitable<void> refuse(Exchange& exchange, Error error) {
  Answer answer{.status = common::http_status(error.kind()), .body = common::dump_json(common::openai_error(error))};
  co_await exchange.reply(std::move(answer));
}

// Whether another request may follow.
asio::awaitable<bool> serve_one(ConnectionState& connection) {
  ConnectionContext& context = connection.context;
  auto& parser = connection.parser.emplace();
  parser.header_limit(static_cast<std::uint32_t>(context.limits.header_bytes));
  parser.body_limit(boost::none);  // each route has its own, applied while reading
  // The first byte may take as long as an idle connection lives; from then on the head has its own deadline.
  if (connection.buffer.size() == 0) {
    auto idle = asio::cancel_after(context.limits.idle_timeout, asio::as_tuple(asio::use_awaitable));
    auto [wait_error] = co_await connection.socket.async_wait(asio::ip::tcp::socket::wait_read, idle);
    if (wait_error) co_return false;
  }
  auto token = asio::cancel_after(context.limits.header_timeout, asio::as_tuple(asio::use_awaitable));
  auto [ec, size] = co_await http::async_read_header(connection.socket, connection.buffer, parser, token);
  if (ec) {
    auto error = head_error(ec);
    if (!error) co_return false;
    RequestHead unreadable{.method = "GET", .target = "/"};
    Exchange exchange(connection, std::move(unreadable), new_request_id(context));
    co_await refuse(exchange, *error);
    co_await linger(connection.socket);
    co_return false;
  }
  Exchange exchange(connection, head_of(parser.get()), new_request_id(context));
  auto framing = check_framing(exchange.head(), context.hosts);
  if (!framing) {
    co_await refuse(exchange, framing.error());
    co_await linger(connection.socket);
    co_return false;
  }
  Count busy(context.busy);
  co_await context.handler(exchange);
  if (!exchange.reusable()) {
    if (exchange.begun()) exchange.abort();
    else co_await linger(connection.socket);
    co_return false;
  }
  co_return !context.closing && parser.get().keep_alive();
}

}  // namespace

asio::awaitable<void> serve_connection(asio::ip::tcp::socket socket, ConnectionContext& context) {
  Count counted(context.connections);
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  ConnectionState connection(std::move(socket), context);
  bool again = true;
  while (again) again = co_await serve_one(connection);
}

}  // namespace proxy::net
