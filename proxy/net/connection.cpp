#include "proxy/net/connection.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancel_after.hpp>
#include <boost/asio/cancel_at.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <format>
#include <vector>

#include "common/json.hpp"
#include "common/log.hpp"
#include "common/openai_error.hpp"
#include "proxy/net/connection_state.hpp"
#include "proxy/net/head_scanner.hpp"

namespace proxy::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using common::Error;
using common::ErrorKind;
using common::fail;
using common::Result;

namespace {

constexpr std::size_t kReadSize = 4096;
constexpr std::size_t kWasteSize = 64 * 1024;
constexpr auto kLinger = std::chrono::seconds(2);

struct Count {
  explicit Count(std::size_t& counter) : counter_(counter) { ++counter_; }
  ~Count() { --counter_; }
  std::size_t& counter_;
};

std::string new_request_id(ConnectionContext& context) { return std::format("req-{:012x}", ++context.requests); }

std::string_view text(const boost::beast::flat_buffer& buffer) {
  auto bytes = buffer.data();
  return {static_cast<const char*>(bytes.data()), bytes.size()};
}

RequestHead head_of(const http::request<http::buffer_body>& message) {
  RequestHead head{.method = message.method_string(), .version = message.version()};
  for (const auto& field : message.base()) head.fields.emplace_back(field.name_string(), field.value());
  resolve_target(head, message.target());
  return head;
}

Error head_too_large(std::string_view received) {
  if (!received.contains('\n')) return Error(ErrorKind::uri_too_long, "the request line is larger than 16 KiB");
  return Error(ErrorKind::header_too_large, "the request head is larger than 16 KiB");
}

// The size of the head that is then at the beginning of the buffer. ErrorKind::io: the client left.
asio::awaitable<Result<std::size_t>> receive_head(ConnectionState& connection) {
  const ConnectionLimits& limits = connection.context.limits;
  auto& buffer = connection.buffer;
  const auto deadline = std::chrono::steady_clock::now() + limits.header_timeout;
  HeadScanner scanner;
  while (true) {
    // Some clients end a request with an empty line too many (RFC 9112, 2.2).
    while (text(buffer).starts_with("\r\n")) {
      buffer.consume(2);
      scanner = {};
    }
    auto size = scanner.scan(text(buffer));
    if (!size) co_return fail(size.error());
    if (*size) co_return **size;
    const std::size_t room = limits.header_bytes - buffer.size();
    if (room == 0) co_return fail(head_too_large(text(buffer)));
    auto space = buffer.prepare(std::min(room, kReadSize));
    auto token = asio::cancel_at(deadline, asio::as_tuple(asio::use_awaitable));
    auto [ec, read] = co_await connection.socket.async_read_some(space, token);
    if (ec == asio::error::operation_aborted) co_return fail(ErrorKind::request_timeout, "the request head did not come in time");
    if (ec) co_return fail(ErrorKind::io, ec.message());
    buffer.commit(read);
  }
}

// Reading on for a while after the answer: closing with unread input would reset the connection and could destroy the answer on its way
// (RFC 9112, 9.6). A client may be in the middle of a body that was refused for its size.
asio::awaitable<void> linger(ConnectionState& connection) {
  ClientTurn turn(connection);
  boost::system::error_code ignored;
  connection.socket.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  std::vector<char> waste(kWasteSize);
  const auto deadline = std::chrono::steady_clock::now() + kLinger;
  while (true) {
    auto buffer = asio::buffer(waste);
    auto token = asio::cancel_at(deadline, asio::as_tuple(asio::use_awaitable));
    auto [ec, read] = co_await connection.socket.async_read_some(buffer, token);
    if (ec || read == 0) co_return;
  }
}

// The connection ends with it.
asio::awaitable<void> refuse(ConnectionState& connection, RequestHead head, Error error) {
  connection.last = true;
  Exchange exchange(connection, std::move(head), new_request_id(connection.context));
  Answer answer{.status = common::http_status(error.kind()), .body = common::dump_json(common::openai_error(error))};
  co_await exchange.reply(std::move(answer));
  co_await linger(connection);
}

// The next request's head, checked; the parser goes on with the body. Nothing: the connection is to end, and its client knows why.
asio::awaitable<std::optional<RequestHead>> read_request(ConnectionState& connection) {
  std::optional<ClientTurn> turn(connection);
  // The first byte may take as long as an idle connection lives; from then on the head has its own deadline.
  if (connection.buffer.size() == 0) {
    auto idle = asio::cancel_after(connection.context.limits.idle_timeout, asio::as_tuple(asio::use_awaitable));
    auto [wait_error] = co_await connection.socket.async_wait(asio::ip::tcp::socket::wait_read, idle);
    if (wait_error) co_return std::nullopt;
  }
  auto size = co_await receive_head(connection);
  turn.reset();
  RequestHead unreadable{.method = "GET", .target = "/"};
  if (!size) {
    if (size.error().kind() != ErrorKind::io) co_await refuse(connection, std::move(unreadable), size.error());
    co_return std::nullopt;
  }
  auto& parser = *connection.parser;
  boost::system::error_code ec;
  const auto bytes = asio::buffer(connection.buffer.data(), *size);
  connection.buffer.consume(parser.put(bytes, ec));
  if (ec) {
    Error error(ErrorKind::bad_framing, "the request head is not valid HTTP/1.1: " + ec.message());
    co_await refuse(connection, std::move(unreadable), std::move(error));
    co_return std::nullopt;
  }
  RequestHead head = head_of(parser.get());
  if (auto framing = check_framing(head, connection.context.hosts); !framing) {
    co_await refuse(connection, std::move(head), framing.error());
    co_return std::nullopt;
  }
  co_return head;
}

// Whether another request may follow.
asio::awaitable<bool> serve_one(ConnectionState& connection) {
  ConnectionContext& context = connection.context;
  auto& parser = connection.parser.emplace();
  parser.header_limit(static_cast<std::uint32_t>(context.limits.header_bytes));
  parser.body_limit(boost::none);  // each route has its own, applied while reading
  auto head = co_await read_request(connection);
  if (!head) co_return false;
  if (connection.place->reserved()) connection.last = true;
  Exchange exchange(connection, std::move(*head), new_request_id(context));
  Count busy(context.busy);
  co_await context.handler(exchange);
  if (!exchange.reusable()) {
    if (exchange.begun()) exchange.abort();
    else co_await linger(connection);
    co_return false;
  }
  co_return !context.closing && !connection.last && parser.get().keep_alive();
}

}  // namespace

asio::awaitable<void> serve_connection(asio::ip::tcp::socket socket, ConnectionContext& context,
                                       std::unique_ptr<ConnectionTable::Place> place) {
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  ConnectionState connection(std::move(socket), context, std::move(place));
  bool again = true;
  while (again) again = co_await serve_one(connection);
}

}  // namespace proxy::net
