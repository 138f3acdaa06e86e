#include "proxy/tls/trust.hpp"

#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <format>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

namespace proxy::tls {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using common::ErrorKind;
using common::fail;
using common::Result;

namespace {

constexpr std::uintmax_t kLargestFile = 8 << 20;  // a system's whole store has a quarter of a MiB
constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};  // RFC 7301, 3.1

Result<std::string> read_certificates(const fs::path& file) {
  const auto cannot = [&](const std::string& why) {
    return fail(ErrorKind::peer_unavailable, std::format("its ca_file {} cannot be read: {}", file.string(), why));
  };
  std::error_code problem;
  const fs::file_status about = fs::status(file, problem);
  if (!fs::exists(about)) return cannot(problem ? problem.message() : "there is no such file");
  if (!fs::is_regular_file(about)) return cannot("it is no file; one in PEM is expected, with the certificates one after the other");
  const std::uintmax_t size = fs::file_size(file, problem);
  if (problem) return cannot(problem.message());
  if (size > kLargestFile) return cannot(std::format("it has {} bytes, and at most {} are read", size, kLargestFile));
  std::ifstream in(file, std::ios::binary);
  if (!in) return cannot(std::strerror(errno));
  std::string text(static_cast<std::size_t>(size), '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace

Result<std::shared_ptr<Trust>> Trust::load(const fs::path& ca_file) {
  std::string added;
  if (!ca_file.empty()) {
    auto read = read_certificates(ca_file);
    if (!read) return fail(read.error());
    added = std::move(*read);
  }
  asio::ssl::context context(asio::ssl::context::tls_client);
  const auto cannot = [](const std::string& what) { return fail(ErrorKind::internal, "TLS cannot be set up: " + what); };
  boost::system::error_code problem;
  context.set_verify_mode(asio::ssl::verify_peer, problem);
  if (problem) return cannot(problem.message());
  context.set_default_verify_paths(problem);
  if (problem) return cannot(problem.message());
  SSL_CTX* const handle = context.native_handle();
  if (SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION) != 1) return cannot("TLS 1.2 is not there");
  if (SSL_CTX_set_alpn_protos(handle, kHttp11, sizeof kHttp11) != 0) return cannot("HTTP/1.1 cannot be offered");
  // Who names one certificate believes that one, whoever has signed it.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(handle), X509_V_FLAG_PARTIAL_CHAIN);
  if (!ca_file.empty()) {
    context.add_certificate_authority(asio::buffer(std::as_const(added)), problem);
    if (problem) {
      return fail(ErrorKind::peer_unavailable, std::format("its ca_file {} holds no certificates that can be read ({}): PEM is expected, "
                                                           "from -----BEGIN CERTIFICATE----- on",
                                                           ca_file.string(), problem.message()));
    }
  }
  return std::make_shared<Trust>(std::move(context));
}

}  // namespace proxy::tls
