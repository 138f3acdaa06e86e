#include "proxy/tls/handshake_failure.hpp"

#include <gmock/gmock.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

namespace proxy::tls {
namespace {

namespace asio = boost::asio;
using testing::AllOf;
using testing::HasSubstr;

boost::system::error_code of_openssl(int reason) {
  return {static_cast<int>(ERR_PACK(ERR_LIB_SSL, 0, reason)), asio::error::get_ssl_category()};
}

std::string refused(long verdict) { return handshake_failure(of_openssl(SSL_R_CERTIFICATE_VERIFY_FAILED), verdict, "box.lan"); }

TEST(HandshakeFailure, ACertificateThatIsRefusedIsSaidWithTheReasonAndWhatToDo) {
  for (long verdict : {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
                       X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN})
    EXPECT_THAT(refused(verdict), AllOf(HasSubstr("ca_file"), HasSubstr(X509_verify_cert_error_string(verdict))));
  EXPECT_THAT(refused(X509_V_ERR_CERT_HAS_EXPIRED), HasSubstr("out of date (certificate has expired)"));
  EXPECT_THAT(refused(X509_V_ERR_CERT_NOT_YET_VALID), HasSubstr("clocks"));
  EXPECT_THAT(refused(X509_V_ERR_HOSTNAME_MISMATCH), HasSubstr("not for box.lan"));
  EXPECT_THAT(refused(X509_V_ERR_IP_ADDRESS_MISMATCH), HasSubstr("not for box.lan"));
  EXPECT_THAT(refused(X509_V_ERR_CERT_REVOKED), HasSubstr("refused (certificate revoked)"));
}

TEST(HandshakeFailure, WhatIsNoTlsIsToldFromWhatIsTooOld) {
  for (int reason : {SSL_R_WRONG_VERSION_NUMBER, SSL_R_PACKET_LENGTH_TOO_LONG})
    EXPECT_EQ(handshake_failure(of_openssl(reason), X509_V_OK, "box"), "it does not speak TLS: http:// is expected there");
  for (int reason : {SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION})
    EXPECT_THAT(handshake_failure(of_openssl(reason), X509_V_OK, "box"), HasSubstr("1.2 is the least"));
}

TEST(HandshakeFailure, WhoHangsUpIsToldFromWhoRefuses) {
  for (const boost::system::error_code ec : {boost::system::error_code(asio::ssl::error::stream_truncated),
                                             boost::system::error_code(asio::error::connection_reset)})
    EXPECT_EQ(handshake_failure(ec, X509_V_OK, "box"), "it hung up in the middle of the TLS handshake");
  EXPECT_THAT(handshake_failure(of_openssl(SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE), X509_V_OK, "box"),
              HasSubstr("the TLS handshake failed: "));
}

}  // namespace
}  // namespace proxy::tls
