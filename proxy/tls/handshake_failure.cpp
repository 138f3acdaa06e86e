#include "proxy/tls/handshake_failure.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <format>

namespace proxy::tls {

namespace asio = boost::asio;

namespace {

std::string refused_certificate(long verdict, std::string_view host) {
  const std::string reason = X509_verify_cert_error_string(verdict);
  switch (verdict) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return std::format("nobody here knows who signed its certificate ({}): name the certificate of that authority in ca_file", reason);
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return std::format("its certificate is out of date ({}): it has to get a new one", reason);
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return std::format("its certificate is for later ({}): look at the clocks of both machines", reason);
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return std::format("its certificate is not for {} ({}): reach it by a name that its certificate has, or have it name this one", host,
                         reason);
    default: return std::format("its certificate is refused ({})", reason);
  }
}

// What our side says, when what comes is no record of TLS.
bool is_no_tls(int reason) { return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_PACKET_LENGTH_TOO_LONG; }

}  // namespace

std::string handshake_failure(boost::system::error_code ec, long verdict, std::string_view host) {
  if (verdict != X509_V_OK) return refused_certificate(verdict, host);
  if (ec == asio::ssl::error::stream_truncated || ec == asio::error::eof || ec == asio::error::connection_reset)
    return "it hung up in the middle of the TLS handshake";
  const auto code = static_cast<unsigned long>(ec.value());
  if (ec.category() == asio::error::get_ssl_category() && ERR_GET_LIB(code) == ERR_LIB_SSL) {
    const int reason = ERR_GET_REASON(code);
    if (is_no_tls(reason)) return "it does not speak TLS: http:// is expected there";
    if (reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION)
      return std::format("it speaks no TLS that is new enough, and 1.2 is the least ({})", ec.message());
  }
  return "the TLS handshake failed: " + ec.message();
}

}  // namespace proxy::tls
