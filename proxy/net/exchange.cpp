#include "proxy/net/exchange.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancel_after.hpp>
#include <boost/asio/cancel_at.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <format>

#include "proxy/net/connection_state.hpp"

namespace proxy::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using common::ErrorKind;
using common::fail;
using common::Result;

namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::unexpected<common::Error> failed(const char* attempt, boost::system::error_code ec) {
  return fail(ec == asio::error::operation_aborted ? ErrorKind::timeout : ErrorKind::io, std::format("{}: {}", attempt, ec.message()));
}

// Values that we did not write ourselves (a requested model's name) must not be able to end a header line.
std::string printable(std::string_view value) {
  std::string out(value);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return out;
}

// A client must not stop, nor dribble: pieces that come in time each may still take days together.
std::chrono::steady_clock::time_point body_deadline(const ConnectionLimits& limits, std::chrono::steady_clock::time_point began,
                                                    std::size_t received) {
  const std::chrono::seconds earned(received / limits.body_bytes_per_second);
  return std::min(std::chrono::steady_clock::now(), began + earned) + limits.body_timeout;
}

}  // namespace

Exchange::Exchange(ConnectionState& connection, RequestHead head, std::string id)
    : connection_(connection), head_(std::move(head)), id_(std::move(id)), body_done_(connection.parser->is_done()) {}

Result<void> Exchange::admitted() const {
  if (uses_reserve_ || !connection_.place->reserved()) return {};
  return fail(common::Error(ErrorKind::too_many_connections, "every connection that there may be has a request in hand")
                  .retry_after(std::chrono::seconds(1)));
}

asio::awaitable<Result<std::string>> Exchange::read_body(std::size_t limit) {
  auto& parser = *connection_.parser;
  std::string body;
  if (auto length = parser.content_length(); length && *length > limit) {
    co_return fail(ErrorKind::payload_too_large, std::format("the body has {} bytes and at most {} are taken here", *length, limit));
  }
  if (boost::beast::iequals(head_.field("Expect"), "100-continue") && !parser.is_done()) {
    auto told = co_await send({}, kContinue);
    if (!told) co_return fail(told.error());
    bytes_sent_ = 0;
  }
  parser.body_limit(limit);  // of a chunk that is announced larger, nothing is waited for
  std::array<char, 16 * 1024> space;
  const auto began = std::chrono::steady_clock::now();
  std::optional<ClientTurn> turn(connection_);
  while (!parser.is_done()) {
    parser.get().body().data = space.data();
    parser.get().body().size = space.size();
    auto token = asio::cancel_at(body_deadline(connection_.context.limits, began, body.size()), asio::as_tuple(asio::use_awaitable));
    auto [ec, size] = co_await http::async_read_some(connection_.socket, connection_.buffer, parser, token);
    const std::size_t read = space.size() - parser.get().body().size;
    if (ec == asio::error::operation_aborted) co_return fail(ErrorKind::request_timeout, "the body did not come in time");
    if (ec == http::error::body_limit)
      co_return fail(ErrorKind::payload_too_large, std::format("the body is larger than the {} bytes that are taken here", limit));
    if (ec && ec != http::error::need_buffer) co_return fail(ErrorKind::bad_framing, "the body could not be read: " + ec.message());
    body.append(space.data(), read);
  }
  body_done_ = true;
  turn.reset();
  // Others may have come in meanwhile.
  if (auto still = admitted(); !still) {
    connection_.last = true;
    co_return fail(still.error());
  }
  co_return body;
}

std::string Exchange::format_head(unsigned status, const Fields& fields, std::optional<std::uint64_t> length) const {
  std::string head = std::format("HTTP/1.1 {} {}\r\nServer: perch\r\nX-Request-Id: {}\r\n", status,
                                 std::string_view(http::obsolete_reason(http::int_to_status(status))), id_);
  for (const Fields* list : {&fields_, &fields}) {
    for (const auto& [name, value] : *list) head += std::format("{}: {}\r\n", name, printable(value));
  }
  if (length) head += std::format("Content-Length: {}\r\n", *length);
  else head += "Transfer-Encoding: chunked\r\n";
  const bool keep = body_done_ && !connection_.last && !connection_.context.closing && connection_.parser->is_header_done() &&
                    connection_.parser->keep_alive();
  if (!keep) head += "Connection: close\r\n";
  head += "\r\n";
  return head;
}

asio::awaitable<void> Exchange::reply(Answer answer) {
  answer.fields.emplace_back("Content-Type", answer.content_type);
  std::string head = format_head(answer.status, answer.fields, answer.body.size());
  status_ = answer.status;
  begun_ = true;
  std::string_view body = bodiless() ? std::string_view() : std::string_view(answer.body);
  auto sent = co_await send(std::move(head), body);
  answer_done_ = sent.has_value();
  // A refused body was not read; the connection lingers and closes, which is no abort.
  if (answer_done_ && !body_done_) begun_ = false;
}

asio::awaitable<Result<void>> Exchange::begin(unsigned status, Fields fields, std::optional<std::uint64_t> length) {
  std::string head = format_head(status, fields, length);
  status_ = status;
  begun_ = true;
  chunked_ = !length;
  left_ = length.value_or(0);
  co_return co_await send(std::move(head), {});
}

asio::awaitable<Result<void>> Exchange::write(std::string_view bytes) {
  if (bytes.empty() || bodiless()) co_return Result<void>();
  if (!chunked_) {
    if (bytes.size() > left_) co_return fail(ErrorKind::internal, "more bytes than the announced length");
    left_ -= bytes.size();
    co_return co_await send({}, bytes);
  }
  // One write for the chunk's size line, its bytes and its end (RFC 9112, 7.1).
  std::string framed = std::format("{:x}\r\n", bytes.size());
  framed.append(bytes).append("\r\n");
  co_return co_await send(std::move(framed), {});
}

asio::awaitable<Result<void>> Exchange::finish() {
  if (!chunked_) {
    answer_done_ = left_ == 0 || bodiless();
    co_return Result<void>();
  }
  std::string_view last = bodiless() ? "" : "0\r\n\r\n";
  auto sent = co_await send({}, last);
  answer_done_ = sent.has_value();
  co_return sent;
}

void Exchange::abort() {
  boost::system::error_code ignored;
  connection_.socket.set_option(asio::socket_base::linger(true, 0), ignored);
  connection_.socket.close(ignored);
}

asio::awaitable<Result<void>> Exchange::send(std::string head, std::string_view body) {
  auto token = asio::cancel_after(connection_.context.limits.write_timeout, asio::as_tuple(asio::use_awaitable));
  std::array<asio::const_buffer, 2> buffers{asio::buffer(head), asio::buffer(body.data(), body.size())};
  auto [ec, written] = co_await asio::async_write(connection_.socket, buffers, token);
  bytes_sent_ += written;
  if (ec) co_return failed("writing to the client", ec);
  co_return Result<void>();
}

asio::awaitable<Result<void>> Exchange::client_gone() {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer pause(executor);
  while (true) {
    co_await connection_.socket.async_wait(asio::ip::tcp::socket::wait_read, asio::use_awaitable);
    char byte;
    const ssize_t peeked = ::recv(connection_.socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (peeked == 0 || (peeked < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) co_return Result<void>();
    // The next request is already there (pipelining), so readability says nothing more: look for the hang-up itself now and then.
    pollfd poll{.fd = connection_.socket.native_handle(), .events = POLLRDHUP, .revents = 0};
    if (peeked > 0 && ::poll(&poll, 1, 0) > 0 && (poll.revents & (POLLRDHUP | POLLHUP | POLLERR))) co_return Result<void>();
    pause.expires_after(std::chrono::milliseconds(100));
    co_await pause.async_wait(asio::use_awaitable);
  }
}

}  // namespace proxy::net
