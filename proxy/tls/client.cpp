#include "proxy/tls/client.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "common/byte_stream.hpp"
#include "common/tcp_socket.hpp"
#include "proxy/tls/handshake_failure.hpp"
#include "proxy/tls/trust.hpp"

namespace proxy::tls {

namespace asio = boost::asio;
using common::ErrorKind;
using common::fail;
using common::HttpClient;
using common::Result;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// An end of the connection that TLS has not announced is ssl::error::stream_truncated, so it is an error wherever it comes in a message:
// only who has the key can say that a body which ends with its connection is whole (RFC 9112, 9.8).
class Stream final : public common::ByteStream {
 public:
  Stream(asio::ip::tcp::socket socket, std::shared_ptr<Trust> trust)
      : trust_(std::move(trust)), stream_(std::move(socket), trust_->context()) {}

  asio::ssl::stream<asio::ip::tcp::socket>& layer() { return stream_; }

  asio::any_io_executor executor() override { return stream_.get_executor(); }
  void read_some(asio::mutable_buffer into, Done done) override { stream_.async_read_some(into, std::move(done)); }
  void write_some(asio::const_buffer from, Done done) override { stream_.async_write_some(from, std::move(done)); }
  void close() override {
    boost::system::error_code ignored;
    stream_.next_layer().close(ignored);
  }

 private:
  std::shared_ptr<Trust> trust_;
  asio::ssl::stream<asio::ip::tcp::socket> stream_;
};

template <class Bytes>
bool expect_address(X509_VERIFY_PARAM* wanted, const Bytes& bytes) {
  return X509_VERIFY_PARAM_set1_ip(wanted, bytes.data(), bytes.size()) == 1;
}

// Whom the certificate has to name: among its subject alternative names, for the common name is not one (RFC 9525). A name is told to
// the server, too, which may have several; a number never is (RFC 6066, 3).
bool expect(SSL* connection, std::string host) {
  if (host.ends_with('.')) host.pop_back();  // of a name in full, which certificates have without it
  X509_VERIFY_PARAM* const wanted = SSL_get0_param(connection);
  boost::system::error_code is_name;
  const auto address = asio::ip::make_address(host, is_name);
  if (!is_name && address.is_v4()) return expect_address(wanted, address.to_v4().to_bytes());
  if (!is_name) return expect_address(wanted, address.to_v6().to_bytes());
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set_tlsext_host_name(connection, host.c_str()) == 1 && X509_VERIFY_PARAM_set1_host(wanted, host.data(), host.size()) == 1;
}

}  // namespace

asio::awaitable<Result<HttpClient>> connect(std::string host, std::string port, std::shared_ptr<Trust> trust, bool& reached) {
  auto connecting = common::connect_tcp_socket(host, std::move(port));
  auto socket = co_await std::move(connecting);
  if (!socket) co_return fail(socket.error());
  reached = true;
  auto stream = std::make_unique<Stream>(std::move(*socket), std::move(trust));
  SSL* const connection = stream->layer().native_handle();
  if (!expect(connection, host)) co_return fail(ErrorKind::io, "its host is no name that a certificate could have");
  auto [ec] = co_await stream->layer().async_handshake(asio::ssl::stream_base::client, kAwait);
  if (ec == asio::error::operation_aborted) throw boost::system::system_error(ec);
  if (ec) co_return fail(ErrorKind::io, handshake_failure(ec, SSL_get_verify_result(connection), host));
  co_return HttpClient::over(std::move(stream));
}

}  // namespace proxy::tls
