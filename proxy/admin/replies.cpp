#include "proxy/admin/replies.hpp"

#include "proxy/api/errors.hpp"
#include "proxy/net/framing.hpp"

namespace proxy::admin {

namespace asio = boost::asio;

asio::awaitable<void> reply(net::Exchange& exchange, common::Json json) {
  net::Answer answer{.body = common::dump_json(json)};
  co_await exchange.reply(std::move(answer));
}

asio::awaitable<std::optional<std::string>> accept_body(net::Exchange& exchange, std::size_t limit) {
  auto allowed = net::check_state_change(exchange.head());
  if (!allowed) {
    co_await api::reject(exchange, allowed.error());
    co_return std::nullopt;
  }
  auto body = co_await exchange.read_body(limit);
  if (!body) {
    co_await api::reject(exchange, body.error());
    co_return std::nullopt;
  }
  co_return std::move(*body);
}

asio::awaitable<bool> accept_verb(net::Exchange& exchange) {
  auto body = co_await accept_body(exchange);
  co_return body.has_value();
}

bool waits(const net::Exchange& exchange) { return exchange.head().query_value("wait") != "false"; }

}  // namespace proxy::admin
