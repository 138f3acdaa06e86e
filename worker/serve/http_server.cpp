#include "worker/serve/http_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <format>
#include <utility>

#include "common/log.hpp"
#include "common/offload.hpp"
#include "worker/serve/endpoints.hpp"

namespace worker::serve {

namespace asio = boost::asio;
using common::ErrorKind;

HttpServer::HttpServer(asio::io_context& loop, EngineThread& engine, int listening)
    : loop_(loop),
      engine_(engine),
      acceptor_(loop, asio::local::stream_protocol(), listening),
      connections_(loop.get_executor(), "connections") {}

void HttpServer::start() { connections_.spawn(accept()); }

void HttpServer::serve(std::shared_ptr<const Served> served) { served_ = std::move(served); }

asio::awaitable<void> HttpServer::accept() {
  asio::steady_timer pause(loop_);
  while (true) {
    auto [ec, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
    if (!ec) {
      connections_.spawn(converse(std::move(socket)));
      continue;
    }
    // Out of descriptors, most likely. Connections in flight will give some back.
    common::log::warn("accepting a connection: {}", ec.message());
    pause.expires_after(std::chrono::milliseconds(100));
    co_await pause.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<void> HttpServer::converse(Socket socket) {
  Exchange exchange(std::move(socket));
  while (true) {
    auto call = co_await exchange.read();
    if (!call) {
      common::Error error = call.error();
      if (error.kind() == ErrorKind::cancelled) co_return;
      bool sent = co_await exchange.refuse(std::move(error));
      if (sent) co_await exchange.linger();
      co_return;
    }
    auto answering = answer(exchange, std::move(*call));
    bool sound = co_await exchange.carry_out(std::move(answering));
    if (!sound || !exchange.keep_alive()) co_return;
  }
}

asio::awaitable<bool> HttpServer::answer(Exchange& exchange, HttpCall call) {
  if (call.method == "POST" && call.path == "/v1/chat/completions") {
    co_return co_await generate(exchange, Surface::chat, std::move(call));
  }
  if (call.method == "POST" && call.path == "/v1/completions") {
    co_return co_await generate(exchange, Surface::completions, std::move(call));
  }
  if (call.method == "POST" && call.path == "/infill") {
    co_return co_await generate(exchange, Surface::infill, std::move(call));
  }
  if (call.method == "POST" && call.path == "/v1/embeddings") {
    co_return co_await embed(exchange, EmbeddingSurface::embeddings, std::move(call.body));
  }
  if (call.method == "POST" && (call.path == "/v1/rerank" || call.path == "/rerank")) {
    co_return co_await embed(exchange, EmbeddingSurface::rerank, std::move(call.body));
  }
  // A body can be large and slow to read; a question without one is about what is there anyway.
  if (call.body.empty()) co_return co_await reply(exchange, small_endpoint(call, served_.get(), engine_.totals()));
  auto work = [call = std::move(call), served = served_, &totals = engine_.totals()] { return small_endpoint(call, served.get(), totals); };
  auto found = co_await common::offload(helper_, std::move(work));
  co_return co_await reply(exchange, std::move(found));
}

asio::awaitable<bool> HttpServer::reply(Exchange& exchange, common::Result<common::Json> found) {
  if (found) co_return co_await exchange.reply(200, std::move(*found));
  common::Error error = found.error();
  co_return co_await exchange.refuse(std::move(error));
}

}  // namespace worker::serve
