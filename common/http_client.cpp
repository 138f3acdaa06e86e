#include "common/http_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http.hpp>
#include <format>
#include <optional>
#include <utility>
#include <variant>

#include "common/byte_stream.hpp"
#include "common/io_failure.hpp"
#include "common/tcp_socket.hpp"

namespace common {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t kHeaderLimit = 64 * 1024;
constexpr int kMostInterim = 8;  // heads of status 1xx, which say that the answer is still to come (RFC 9110, 15.2)
constexpr std::size_t kPiece = 16 * 1024;  // Beast reads as much at a time as its buffer has room for, and at least 512 bytes

using Socket = asio::generic::stream_protocol::socket;

// The first that is not empty; an empty one when there is none.
template <class Buffer, class Buffers>
Buffer first_filled(const Buffers& buffers) {
  const auto end = asio::buffer_sequence_end(buffers);
  for (auto at = asio::buffer_sequence_begin(buffers); at != end; ++at) {
    const Buffer one(*at);
    if (one.size() > 0) return one;
  }
  return Buffer();
}

// What Beast reads and writes through: a socket as it is, or a stream that does more. Beast's code is compiled once for both, and the
// socket gets the caller's own handler, so it pays with one comparison.
class Wire {
 public:
  using executor_type = asio::any_io_executor;

  explicit Wire(Socket socket) : through_(std::move(socket)) {}
  explicit Wire(std::unique_ptr<ByteStream> stream) : through_(std::move(stream)) {}

  executor_type get_executor() { return socket() ? socket()->get_executor() : stream().executor(); }

  struct Reading {
    Wire* wire;

    template <class Handler, class Buffers>
    void operator()(Handler&& handler, const Buffers& buffers) const {
      if (Socket* plain = wire->socket()) plain->async_read_some(buffers, std::forward<Handler>(handler));
      else wire->stream().read_some(first_filled<asio::mutable_buffer>(buffers), ByteStream::Done(std::forward<Handler>(handler)));
    }
  };
  struct Writing {
    Wire* wire;

    template <class Handler, class Buffers>
    void operator()(Handler&& handler, const Buffers& buffers) const {
      if (Socket* plain = wire->socket()) plain->async_write_some(buffers, std::forward<Handler>(handler));
      else wire->stream().write_some(first_filled<asio::const_buffer>(buffers), ByteStream::Done(std::forward<Handler>(handler)));
    }
  };

  // The return types are spelled out so that Beast can look at them without what is behind them.
  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token)
      -> decltype(asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(std::declval<Reading>(), token, buffers)) {
    return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(Reading{this}, token, buffers);
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token)
      -> decltype(asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(std::declval<Writing>(), token, buffers)) {
    return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(Writing{this}, token, buffers);
  }

  void close() {
    boost::system::error_code ignored;
    if (Socket* plain = socket()) plain->close(ignored);
    else stream().close();
  }

 private:
  Socket* socket() { return std::get_if<Socket>(&through_); }
  ByteStream& stream() { return *std::get<std::unique_ptr<ByteStream>>(through_); }

  std::variant<Socket, std::unique_ptr<ByteStream>> through_;
};

}  // namespace

struct HttpClient::State {
  explicit State(Wire connected) : wire(std::move(connected)) { buffer.reserve(kPiece); }

  Wire wire;
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
  if (ec) co_return io_failure("connecting to the worker", ec);
  co_return HttpClient(std::make_unique<State>(Wire(Socket(std::move(socket)))));
}

asio::awaitable<Result<HttpClient>> HttpClient::connect_tcp(std::string host, std::string port) {
  auto connecting = connect_tcp_socket(std::move(host), std::move(port));
  auto socket = co_await std::move(connecting);
  if (!socket) co_return fail(socket.error());
  co_return HttpClient(std::make_unique<State>(Wire(Socket(std::move(*socket)))));
}

HttpClient HttpClient::over(std::unique_ptr<ByteStream> stream) { return HttpClient(std::make_unique<State>(Wire(std::move(stream)))); }

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
  auto [ec, written] = co_await http::async_write(state_->wire, message, kAwait);
  if (ec) co_return io_failure("sending the request", ec, state_->closed);
  co_return Result<void>();
}

asio::awaitable<Result<HttpResponseHead>> HttpClient::read_head() {
  for (int interim = 0; interim <= kMostInterim; ++interim) {
    auto& parser = state_->parser.emplace();
    parser.header_limit(kHeaderLimit);
    parser.body_limit(boost::none);
    parser.skip(state_->head_request);
    auto [ec, size] = co_await http::async_read_header(state_->wire, state_->buffer, parser, kAwait);
    if (ec) co_return io_failure("reading the answer", ec, state_->closed);
    HttpResponseHead head{.status = parser.get().result_int()};
    if (head.status < 200 && head.status != 101) continue;
    for (const auto& field : parser.get().base()) head.fields.emplace_back(field.name_string(), field.value());
    co_return head;
  }
  co_return fail(ErrorKind::io, std::format("reading the answer: more than {} interim answers came before it", kMostInterim));
}

asio::awaitable<Result<std::size_t>> HttpClient::read_some(std::span<char> space) {
  auto& parser = *state_->parser;
  while (!parser.is_done()) {
    parser.get().body().data = space.data();
    parser.get().body().size = space.size();
    auto [ec, read] = co_await http::async_read_some(state_->wire, state_->buffer, parser, kAwait);
    auto filled = space.size() - parser.get().body().size;
    // need_buffer only says that the space is full: what was read is good.
    if (ec && ec != http::error::need_buffer) co_return io_failure("reading the answer", ec, state_->closed);
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
  if (!state_) return;
  state_->closed = true;
  state_->wire.close();
}

}  // namespace common
