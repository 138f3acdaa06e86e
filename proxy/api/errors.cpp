#include "proxy/api/errors.hpp"

#include "common/openai_error.hpp"

namespace proxy::api {

boost::asio::awaitable<void> reject(net::Exchange& exchange, common::Error error) {
  const common::Json body = common::openai_error(error);
  if (exchange.begun()) {
    // No [DONE] and no last chunk: a client that looks at either end knows that this is not the whole answer.
    std::string event = "data: " + common::dump_json(body) + "\n\n";
    co_await exchange.write(event);
    exchange.abort();
    co_return;
  }
  net::Answer answer{.status = common::http_status(error.kind()), .body = common::dump_json(body)};
  if (auto wait = error.retry_after()) {
    // Whole seconds (RFC 9110, 10.2.3), rounded up: coming back early would only be refused again.
    answer.fields.emplace_back("Retry-After", std::to_string(std::max<long>(1, (wait->count() + 999) / 1000)));
  }
  co_await exchange.reply(std::move(answer));
}

}  // namespace proxy::api
