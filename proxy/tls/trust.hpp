// Whose certificates are believed: the system's store, where OpenSSL looks for it (SSL_CERT_FILE and SSL_CERT_DIR say otherwise), and what
// a file that the registry names adds. Made once and used for many connections, because reading the store takes milliseconds; only what
// stands in a folder of its own (SSL_CERT_DIR) is looked for when a handshake needs it.
//
// There is no way to believe anybody else: verification cannot be switched off.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <filesystem>
#include <memory>
#include <utility>

#include "common/result.hpp"

namespace proxy::tls {

class Trust {
 public:
  // `ca_file`: certificates in PEM, of authorities or of the server itself; empty: none. An Error says what is wrong with it, and what to
  // do. Blocks.
  static common::Result<std::shared_ptr<Trust>> load(const std::filesystem::path& ca_file);

  // Use load().
  explicit Trust(boost::asio::ssl::context context) : context_(std::move(context)) {}

  // What connections are made from: TLS 1.2 or newer, HTTP/1.1 offered (RFC 7301), the other side verified. Used on one thread at a time.
  boost::asio::ssl::context& context() { return context_; }

 private:
  boost::asio::ssl::context context_;
};

}  // namespace proxy::tls
