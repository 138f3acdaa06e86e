#include "common/http_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http.hpp>
#include <format>
#include <optional>

namespace common {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t kHeaderLimit = 64 * 1024;

// Cancellation keeps travelling as an exception; anything else becomes an Error that says what was being attempted.
std::unexpected<Error> failed(const char* attempt, boost::system::error_code ec, bool closed = false) {
  if (ec == asio::error::operation_aborted && !closed) throw boost::system::system_error(ec);
  return fail(ErrorKind::io, std::format("{}: {}", attempt, ec.message()));
}

}  // namespace

struct HttpClient::State {
  explicit State(asio::generic::stream_protocol::socket connected) : socket(std::move(connected)) {}

  asio::generic::stream_protocol::socket socket;
  boost::beast::flat_buffer buffer;
  std::optional<http::response_parser<http::buffer_body>> parser;
  bool head_request = false;
  bool closed = false;  // by close(): what is awaited then ends as an Error, for its waiter was not cancelled
};

std::string_view HttpResponseHead::field(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (boost::beast::iequals(key, name)) return value;
  }
  return {};
}

HttpClient::HttpClient() = default;
HttpClient::HttpClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

asio::awaitable<Result<HttpClient>> HttpClient::connect(ServerAddress address) {
  if (auto* local = std::get_if<UnixAddress>(&address)) {
    auto connected = co_await connect_unix(std::move(local->path));
    co_return connected;
  }
  TcpAddress remote = std::get<TcpAddress>(std::move(address));
  std::string port = std::to_string(remote.port);
  auto connected = co_await connect_tcp(std::move(remote.host), std::move(port));
  co_return connected;
}

asio::awaitable<Result<HttpClient>> HttpClient::connect_unix(std::string path) {
  auto executor = co_await asio::this_coro::executor;
  asio::local::stream_protocol::socket socket(executor);
  asio::local::stream_protocol::endpoint endpoint(path);
  auto [ec] = co_await socket.async_connect(endpoint, kAwait);
  if (ec) co_return failed("connecting to the worker", ec);
  co_return HttpClient(std::make_unique<State>(std::move(socket)));
}

asio::awaitable<Result<HttpClient>> HttpClient::connect_tcp(std::string host, std::string port) {
  auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(executor);
  // A number needs no lookup, for which Asio would use a thread of its own.
  const auto numeric = asio::ip::resolver_base::numeric_host | asio::ip::resolver_base::numeric_service;
  boost::system::error_code no_number;
  auto endpoints = resolver.resolve(host, port, numeric, no_number);
  if (no_number) {
    auto [lookup_error, found] = co_await resolver.async_resolve(host, port, kAwait);
    if (lookup_error) co_return failed("looking the address up", lookup_error);
    endpoints = std::move(found);
  }
  asio::ip::tcp::socket socket(executor);
  auto [ec, endpoint] = co_await asio::async_connect(socket, endpoints, kAwait);
  if (ec) co_return failed("connecting", ec);
  socket.set_option(asio::ip::tcp::no_delay(true));
  co_return HttpClient(std::make_unique<State>(std::move(socket)));
}

asio::awaitable<Result<void>> HttpClient::send(HttpRequest request) {
  http::request<http::string_body> message;
  message.version(11);
  message.method_string(request.method);
  message.target(request.target);
  message.set(http::field::host, "localhost");
  for (auto& [name, value] : request.fields) message.set(name, value);
  message.body() = std::move(request.body);
  message.prepare_payload();
  state_->head_request = request.method == "HEAD";
  auto [ec, written] = co_await http::async_write(state_->socket, message, kAwait);
  if (ec) co_return failed("sending the request", ec, state_->closed);
  co_return Result<void>();
}

asio::awaitable<Result<HttpResponseHead>> HttpClient::read_head() {
  auto& parser = state_->parser.emplace();
  parser.header_limit(kHeaderLimit);
  parser.body_limit(boost::none);
  parser.skip(state_->head_request);
  auto [ec, size] = co_await http::async_read_header(state_->socket, state_->buffer, parser, kAwait);
  if (ec) co_return failed("reading the answer", ec, state_->closed);
  HttpResponseHead head{.status = parser.get().result_int()};
  for (const auto& field : parser.get().base()) head.fields.emplace_back(field.name_string(), field.value());
  co_return head;
}

asio::awaitable<Result<std::size_t>> HttpClient::read_some(std::span<char> space) {
  auto& parser = *state_->parser;
  while (!parser.is_done()) {
    parser.get().body().data = space.data();
    parser.get().body().size = space.size();
    auto [ec, read] = co_await http::async_read_some(state_->socket, state_->buffer, parser, kAwait);
    auto filled = space.size() - parser.get().body().size;
    // need_buffer only says that the space is full: what was read is good.
    if (ec && ec != http::error::need_buffer) co_return failed("reading the answer", ec, state_->closed);
    if (filled > 0) co_return filled;
  }
  co_return 0;
}

asio::awaitable<Result<HttpResponse>> HttpClient::exchange(HttpRequest request, std::size_t limit) {
  auto sent = co_await send(std::move(request));
  if (!sent) co_return fail(sent.error());
  auto head = co_await read_head();
  if (!head) co_return fail(head.error());
  HttpResponse response{.head = std::move(*head)};
  char space[16 * 1024];
  while (true) {
    std::span<char> window(space);
    auto read = co_await read_some(window);
    if (!read) co_return fail(read.error());
    if (*read == 0) co_return response;
    if (response.body.size() + *read > limit) co_return fail(ErrorKind::io, std::format("the answer is larger than {} bytes", limit));
    response.body.append(space, *read);
  }
}

void HttpClient::close() {
  boost::system::error_code ignored;
  if (!state_) return;
  state_->closed = true;
  state_->socket.close(ignored);
}

}  // namespace common
