#include "worker/serve/exchange.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancel_at.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "common/log.hpp"
#include "common/openai_error.hpp"
#include "common/worker_protocol.hpp"

namespace worker::serve {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using common::ErrorKind;
using common::Result;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr auto kLinger = std::chrono::seconds(2);
constexpr std::uint32_t kHeaderLimit = 64 * 1024;

std::unexpected<common::Error> read_error(boost::system::error_code ec) {
  if (ec == http::error::body_limit) return common::fail(ErrorKind::payload_too_large, "the body is larger than 32 MiB");
  if (ec == http::error::header_limit) return common::fail(ErrorKind::header_too_large, "the header is larger than 64 KiB");
  if (ec == http::error::end_of_stream || ec == http::error::partial_message)
    return common::fail(ErrorKind::cancelled, "the connection ended");
  if (ec.category() == http::make_error_code(http::error::bad_method).category()) return common::fail(ErrorKind::bad_framing, ec.message());
  return common::fail(ErrorKind::cancelled, ec.message());
}

}  // namespace

Exchange::Exchange(Socket socket) : socket_(std::move(socket)) {}

asio::awaitable<Result<HttpCall>> Exchange::read() {
  http::request_parser<http::string_body> parser;
  parser.header_limit(kHeaderLimit);
  parser.body_limit(kBodyLimit);
  keep_alive_ = false;  // until a whole request has been read
  begun_ = false;
  auto [header_error, header_bytes] = co_await http::async_read_header(socket_, buffer_, parser, kAwait);
  if (header_error) co_return read_error(header_error);
  if (boost::beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    auto [ec, sent] = co_await asio::async_write(socket_, asio::buffer(kContinue), kAwait);
    if (ec) co_return read_error(ec);
  }
  auto [body_error, body_bytes] = co_await http::async_read(socket_, buffer_, parser, kAwait);
  if (body_error) co_return read_error(body_error);
  auto& message = parser.get();
  keep_alive_ = message.keep_alive();
  std::string target(message.target());
  HttpCall call{.method = std::string(message.method_string()),
                .path = target.substr(0, target.find('?')),
                .body = std::move(message.body()),
                .owner = std::string(message[common::kOwnerField]),
                .keep_alive = keep_alive_};
  co_return call;
}

asio::awaitable<bool> Exchange::reply(unsigned status, common::Json body) {
  http::response<http::string_body> message(http::int_to_status(status), 11);
  message.set(http::field::content_type, "application/json");
  message.keep_alive(keep_alive_);
  message.body() = common::dump_json(body);
  message.prepare_payload();
  begun_ = true;
  auto [ec, sent] = co_await http::async_write(socket_, message, kAwait);
  co_return !ec;
}

asio::awaitable<bool> Exchange::refuse(common::Error error) {
  unsigned status = common::http_status(error.kind());
  co_return co_await reply(status, common::openai_error(error));
}

asio::awaitable<bool> Exchange::carry_out(asio::awaitable<bool> answering) {
  std::optional<common::Error> failure;
  try {
    const bool sound = co_await std::move(answering);
    co_return sound;
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted) throw;
    failure = unforeseen(e);
  } catch (const std::exception& e) {
    failure = unforeseen(e);
  }
  if (!begun_) co_return co_await refuse(std::move(*failure));
  std::string last = event(common::openai_error(*failure));
  co_await send_events(std::move(last));
  close();
  co_return false;
}

asio::awaitable<bool> Exchange::begin_stream() {
  http::response<http::empty_body> message(http::status::ok, 11);
  message.set(http::field::content_type, "text/event-stream");
  message.set(http::field::cache_control, "no-cache");
  message.keep_alive(keep_alive_);
  message.chunked(true);
  http::response_serializer<http::empty_body> serializer(message);
  begun_ = true;
  auto [ec, sent] = co_await http::async_write_header(socket_, serializer, kAwait);
  co_return !ec;
}

asio::awaitable<bool> Exchange::send_events(std::string events) {
  if (events.empty()) co_return true;
  auto chunk = http::make_chunk(asio::const_buffer(events.data(), events.size()));
  auto [ec, sent] = co_await asio::async_write(socket_, chunk, kAwait);
  co_return !ec;
}

asio::awaitable<bool> Exchange::end_stream() {
  auto chunk = http::make_chunk_last();
  auto [ec, sent] = co_await asio::async_write(socket_, chunk, kAwait);
  co_return !ec;
}

asio::awaitable<void> Exchange::linger() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  char space[16 * 1024];
  auto deadline = std::chrono::steady_clock::now() + kLinger;
  for (boost::system::error_code ec; !ec;) {
    auto [read_error, size] = co_await socket_.async_read_some(asio::buffer(space), asio::cancel_at(deadline, kAwait));
    ec = read_error;
  }
}

void Exchange::close() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
  keep_alive_ = false;
}

common::Error unforeseen(const std::exception& mistake) {
  common::log::error("a request failed by a mistake of the worker's: {}", mistake.what());
  return common::Error(ErrorKind::internal, "the worker made a mistake at this request; its log says which");
}

std::string event(const common::Json& data) { return "data: " + common::dump_json(data) + "\n\n"; }

}  // namespace worker::serve
