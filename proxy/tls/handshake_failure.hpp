// Why there is no TLS with a server, in words that say what somebody may do about it. Pure.
#pragma once

#include <boost/system/error_code.hpp>
#include <string>
#include <string_view>

namespace proxy::tls {

// `ec`: what the handshake ended with. `verdict`: what came of the certificate's verification (X509_V_OK, X509_V_ERR_...). `host`: who it
// was to be for.
std::string handshake_failure(boost::system::error_code ec, long verdict, std::string_view host);

}  // namespace proxy::tls
